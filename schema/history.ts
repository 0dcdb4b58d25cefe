/** Histories: results of checks and token requests by day, and the timeline of an email account. */
import { z } from 'zod'
import { count, object, orNull, text, time, timeOrNull } from './common.ts'

export type TokenRequestOutcome = 'succeeded' | 'refused' | 'failed'

const DAYS = 'must be an integer from 1 to 90'

export const NumberOfDays = z.coerce.number(DAYS).int(DAYS).min(1, DAYS).max(90, DAYS)

export const HistoryQuery = z.object({
  days: NumberOfDays.default(30).meta({
    description: 'Number of days (UTC), the last of which is today; from 1 to 90.',
  }),
})
export type HistoryQuery = z.infer<typeof HistoryQuery>

const date = z.iso.date().meta({ description: 'The day, UTC.', example: '2026-11-26' })
/** Checks are validations of the saved values, by the schedule or on request. */
const checks = {
  passed: count('Validations whose login worked.', 23),
  failed: count('Validations whose login failed.', 1),
  inconclusive: count('Validations without a result, such as those of an unreachable server.', 0),
}

export const DayState = z.enum(['worked', 'failed', 'waited', 'not_checked']).meta({
  id: 'DayState',
  description:
    '`waited`: it waited for a person to sign in or for an administrator. `failed`: at least one login failed. `worked`: every login with a result worked. `not_checked`: no login had a result.',
  example: 'failed',
})
export type DayState = z.infer<typeof DayState>

export const HistoryDay = object('HistoryDay', {
  date,
  state: DayState,
  ...checks,
})
export type HistoryDay = z.infer<typeof HistoryDay>

export const HistoryEntry = object('HistoryEntry', {
  at: time('When it happened or began. For consecutive validations, the time of the last one.'),
  type: z
    .enum([
      'created',
      'changed',
      'login_worked',
      'login_failed',
      'sign_in_required',
      'blocked',
      'interrupted',
      'reconnected',
    ])
    .meta({
      description:
        '`created`, `changed`: the account was saved. `login_worked`, `login_failed`: consecutive validations with this result. `sign_in_required`, `blocked`: it waited for a person or an administrator. `interrupted`: Microsoft issued no token, which passes without help. `reconnected`: the end of a problem that began before these days.',
      example: 'sign_in_required',
    }),
  text: text(
    'What happened, for people; without the time and the final full stop.',
    'Sign-in required: multi-factor authentication is required (AADSTS50076)',
  ),
  ended: orNull(
    object('HistoryEnd', {
      at: time('When it ended.'),
      text: text(
        'How it ended, for people: the second half of the sentence.',
        'the API key "Help desk" reconnected it',
      ),
    }),
    'Null for a momentary event, or if it has not ended.',
  ),
  since: timeOrNull('The first of several consecutive validations; otherwise null.', null),
})
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const MailAccountHistory = object('MailAccountHistory', {
  days: z.array(HistoryDay).meta({ description: 'One item per day, oldest first.' }),
  entries: z.array(HistoryEntry).meta({
    description:
      'What happened in these days, newest first: at most 50 entries. Validations are included for 30 days.',
  }),
})
export type MailAccountHistory = z.infer<typeof MailAccountHistory>

export const TokenRequests = object('TokenRequests', {
  succeeded: count('Requests for which Microsoft issued a token.', 210),
  refused: count('Requests that Microsoft refused.', 1),
  failed: count('Requests without a verdict: no response, an outage, or too many requests.', 0),
})

export const DeploymentDay = object('DeploymentDay', {
  date,
  ...checks,
  waited: count('Email accounts that waited for a person on this day.', 2),
  token_requests: orNull(
    TokenRequests,
    "Requests for access tokens to Microsoft's token endpoint, delegated and app-only; sign-ins are not counted. Null for keys that are restricted to email accounts.",
  ),
})
export type DeploymentDay = z.infer<typeof DeploymentDay>

export const History = object('History', {
  days: z.array(DeploymentDay).meta({ description: 'One item per day, oldest first.' }),
})
export type History = z.infer<typeof History>
