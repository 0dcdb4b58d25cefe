/**
 * Metrics in the text format of Prometheus, version 0.0.4: a few lines here instead of a library in the Worker. Every
 * value of a label is always present, so that no series vanishes. Labels never contain a mailbox or an id.
 */
import type { Readiness } from '../../../schema/health.ts'
import { VERSION } from '../../../schema/version.ts'
import type { Figures } from '../../model/operations.ts'

export function renderMetrics(figures: Figures): string {
  const { pending, ...outcomes } = figures.deliveries
  const expiresAt = figures.credentialExpiresAt?.getTime() ?? Number.NaN
  const finishedAt = figures.maintenanceFinishedAt?.getTime() ?? 0
  const { at, refreshDueAt, checks, database } = figures
  const overdueMs = refreshDueAt ? at.getTime() - refreshDueAt.getTime() : 0
  return [
    family('mailgrant_build_info', "Mailgrant's version; the value is always 1.", [
      [`{version="${VERSION}"}`, 1],
    ]),
    family('mailgrant_grants', 'Grants by status.', by('status', figures.grants)),
    family(
      'mailgrant_mail_accounts',
      'Email accounts by health and protocol.',
      Object.entries(figures.mailAccounts).flatMap(([protocol, counts]) =>
        by('health', counts, `,protocol="${protocol}"`),
      ),
    ),
    family(
      'mailgrant_token_requests_total',
      'Requests for access tokens to Microsoft, by outcome; sign-ins are not counted.',
      by('outcome', figures.tokenRequests),
    ),
    family(
      'mailgrant_webhook_deliveries',
      'Messages to webhooks in the last 30 days that were delivered or given up.',
      by('outcome', outcomes),
    ),
    family(
      'mailgrant_webhook_deliveries_pending',
      'Messages to webhooks that wait for an attempt.',
      pending,
    ),
    family(
      'mailgrant_credential_expires_timestamp_seconds',
      'Time when the credential of the app registration expires; NaN if unknown.',
      expiresAt / 1000,
    ),
    family(
      'mailgrant_maintenance_last_run_timestamp_seconds',
      'Time of the last run of the maintenance; 0 before the first.',
      finishedAt / 1000,
    ),
    family(
      'mailgrant_refresh_overdue_seconds',
      'Time since the oldest due refresh was due; 0 if none is due.',
      overdueMs / 1000,
    ),
    family(
      'mailgrant_ready',
      'Checks of /readyz: 1 if passed, 0.5 if degraded, 0 if failed.',
      Object.entries(checks).map(([check, { status }]) => [`{check="${check}"}`, READY[status]]),
    ),
    family('mailgrant_database_bytes', 'Size of the database.', database.bytes),
    family(
      'mailgrant_database_free_bytes',
      'Free space on the disk of the database, or below the limit of D1.',
      database.freeBytes,
    ),
  ].join('')
}

const READY: Record<Readiness['status'], number> = { ok: 1, degraded: 0.5, failed: 0 }

type Sample = [labels: string, value: number]

const by = (label: string, counts: Record<string, number>, more = ''): Sample[] =>
  Object.entries(counts).map(([value, count]) => [`{${label}="${value}"${more}}`, count])

/** Renders a counter, whose name ends in `_total`, or a gauge. A number is a family's only sample. */
function family(name: string, help: string, samples: number | Sample[]): string {
  const all: Sample[] = typeof samples === 'number' ? [['', samples]] : samples
  const lines = all.map(([labels, value]) => `${name}${labels} ${value}\n`).join('')
  const type = name.endsWith('_total') ? 'counter' : 'gauge'
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines}`
}
