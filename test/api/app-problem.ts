/** Microsoft's verdicts on the app, as they are stored. */

/** Stores that Microsoft rejected the credential at this time (milliseconds). */
export const rejectCredential = (db: D1Database, at: number, changes: object = {}) =>
  db
    .prepare('UPDATE integrations SET app_problem = ?')
    .bind(
      JSON.stringify({
        code: 'credential_rejected',
        since: at,
        at,
        detail: 'Microsoft rejects it.',
        facts: { stage: 'refresh', kind: 'refused' },
        ofOwnTenant: false,
        ...changes,
      }),
    )
    .run()
