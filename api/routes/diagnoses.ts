/** /v1/diagnoses: why something fails, and the catalogue behind it. */
import { createRoute } from '@hono/zod-openapi'
import { CauseList, Diagnosis, DiagnosisInput } from '../../schema/diagnosis.ts'
import { listCauses } from '../diagnosis/diagnose.ts'
import { createDiagnosis } from '../domain/diagnoses.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { guardProblems, needs } from './guard.ts'
import { jsonAnswer, jsonBody } from './json.ts'

const tags = ['Diagnoses']

/** 64 KiB of error text, each character of it escaped in JSON, and the evidence. Bytes. */
export const MAX_DIAGNOSIS_BODY = 512 * 1024

const create = createRoute({
  method: 'post',
  path: '/diagnoses',
  ...needs('write'),
  operationId: 'createDiagnosis',
  tags,
  summary: 'Say why something fails, who must act, and the fix',
  description:
    'Explains an error from any mail program or sign-in page, not only from here. Send the text in full; each fact in `evidence` sharpens the answer, and what is not understood is ignored. Nothing is stored. When `ask` is not empty, find out these facts and call again.',
  request: jsonBody(DiagnosisInput),
  responses: {
    200: jsonAnswer('The causes, best first. Also when nothing is understood.', Diagnosis),
    ...guardProblems,
    ...problems('invalid_json', 'payload_too_large', 'unsupported_media_type', 'validation_failed'),
  },
})

const causes = createRoute({
  method: 'get',
  path: '/diagnoses/causes',
  ...needs('read'),
  operationId: 'listCauses',
  tags,
  summary: 'List all causes that a diagnosis can name',
  description:
    'The whole catalogue on one page: each cause with its explanation, its fixes, who must act, and the error numbers that name it.',
  responses: { 200: jsonAnswer('The whole catalogue.', CauseList), ...guardProblems },
})

export const diagnoses = createRouter()
  .openapi(create, async (c) =>
    c.json(orThrow(await createDiagnosis(c.get('services'), callOf(c), c.req.valid('json'))), 200),
  )
  .openapi(causes, (c) => c.json({ data: listCauses(), next_cursor: null }, 200))
