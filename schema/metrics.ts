/** Metrics for Prometheus. */
import { z } from 'zod'

export const Metrics = z.string().meta({
  description:
    'The text format of Prometheus, version 0.0.4. Labels are statuses and outcomes only: never an address or an id.',
  example: [
    '# HELP mailgrant_grants Grants by status.',
    '# TYPE mailgrant_grants gauge',
    'mailgrant_grants{status="active"} 210',
    '',
  ].join('\n'),
})
