import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PAGES } from '../api/docs/guides.tsx'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../schema/durations.ts'
import { root } from './source-files.ts'

const read = (path: string) => readFileSync(root + path, 'utf8')
const guide = (name: string) => `api/docs/guides/${name}.md`
/** The chapter for operators, whichever of its pages has the sentence. */
const OPERATING = Object.keys(PAGES)
const INTRODUCTION = 'api/openapi/introduction.ts'

const UNITS = { SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS }
const WORDS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  once: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  eight: 8,
  ten: 10,
}

/** Returns the numbers of a constant, a member or a default in the source. `unit` divides them. */
function source(path: string, name: string, unit = 1): number[] {
  const [, text = ''] =
    new RegExp(
      `^ *(?:export )?(?:const )?${name}(?:: [^=\\n]+)?(?: =|:(?= (?:\\d|\\w+\\.)))([^]+?)\\n(?:\\n|$)`,
      'm',
    ).exec(read(path)) ?? []
  const [, limit] = /\b(?:default|max)\('?(\d+)/.exec(text) ?? []
  const [, list] = /^\s*\[([^\]]+)\]/.exec(text) ?? []
  const [, line] = /^\s*([\w* ]+)/.exec(text) ?? []
  const terms = (limit ?? list ?? line ?? '').split(',').filter((term) => term.trim() !== '')
  if (terms.length === 0) throw new Error(`${path} has no number ${name}.`)
  return terms.map(
    (term) =>
      term
        .split('*')
        .map(numberIn)
        .reduce((product, each) => product * each) / unit,
  )
}

function numberIn(factor: string): number {
  const name = factor.trim() as keyof typeof UNITS
  const value = UNITS[name] ?? Number(name.replaceAll('_', ''))
  if (Number.isNaN(value)) throw new Error(`${factor} is no number.`)
  return value
}

/** Returns the limit of a binding, which is what the Worker counts by. */
function rate(name: string): number[] {
  const pattern = `name = "${name}"\\n.*\\nsimple = \\{ limit = (\\d+), period = 60 \\}`
  return [Number(new RegExp(pattern).exec(read('wrangler.toml'))?.[1])]
}

const MAINTENANCE = 'api/domain/operations/maintenance'
const hours = (path: string, name: string) => source(path, name, HOUR_MS)
const days = (path: string, name: string) => source(path, name, DAY_MS)
const minutes = (path: string, name: string) => source(path, name, MINUTE_MS)

/** Documents, a sentence with # in place of its numbers, and where each number comes from. */
const SENTENCES: [documents: string | string[], sentence: string, ...numbers: number[][]][] = [
  [
    'README.md',
    '#, # and # days ahead',
    source('api/domain/app/credential.ts', 'WARNINGS').slice(0, 3),
  ],
  [
    INTRODUCTION,
    '# failed authentications from a client address, # calls of an API key that start a sign-in (authorizations, imports, admin-consent links), and # that log in',
    rate('RATE_FAILED_AUTHENTICATION'),
    rate('RATE_AUTHORIZATIONS'),
    rate('RATE_VALIDATIONS'),
  ],
  [
    INTRODUCTION,
    '# failed authentications from a client address, # calls of an API key that start a sign-in (authorizations, imports, admin-consent links), and # that log in',
    source('api/node/rate-counters.ts', 'failed_authentication'),
    source('api/node/rate-counters.ts', 'authorizations'),
    source('api/node/rate-counters.ts', 'validations'),
  ],
  [
    [INTRODUCTION],
    'limited to # an hour from a mailbox and # by an API key',
    source('schema/test-message.ts', 'TEST_MESSAGES_PER_MAILBOX'),
    source('schema/test-message.ts', 'TEST_MESSAGES_PER_KEY'),
  ],
  [
    INTRODUCTION,
    'same body within # hours',
    hours('api/domain/access/idempotency.ts', 'RETENTION_MS'),
  ],
  [
    INTRODUCTION,
    'is deleted after # hour',
    hours('api/domain/grants/grants.ts', 'UNSAVED_GRANT_LIFETIME_MS'),
  ],
  [
    guide('first-mailbox'),
    'is deleted after # hour',
    hours('api/domain/grants/grants.ts', 'UNSAVED_GRANT_LIFETIME_MS'),
  ],
  [
    guide('moving'),
    'is deleted after # hour',
    hours('api/domain/grants/grants.ts', 'UNSAVED_GRANT_LIFETIME_MS'),
  ],
  [guide('app-only'), 'up to # accounts', source('schema/mail-account-bulk.ts', 'MAX_BULK_ITEMS')],
  [
    guide('console-sign-in'),
    'A session lasts # hours',
    hours('api/domain/access/console-session.ts', 'LIFETIME_MS'),
  ],
  [
    guide('send-a-link'),
    'within # hours',
    source('schema/authorization.ts', 'MAX_LINK_LIFETIME_S', 3600),
  ],
  [
    guide('send-a-link'),
    "'expires_in': # * 3600",
    source('schema/authorization.ts', 'MAX_LINK_LIFETIME_S', 3600),
  ],
  [
    guide('send-a-link'),
    '# minutes after a sign-in that',
    minutes('api/domain/sign-ins/start.ts', 'SIGN_IN_TIME_MS'),
  ],
  [
    guide('send-a-link'),
    'can have # open links',
    source('schema/authorization.ts', 'MAX_OPEN_LINKS'),
  ],
  [
    guide('mail-worker'),
    'can take # seconds',
    source('api/domain/tokens/engine.ts', 'PATIENCE_MS', SECOND_MS),
  ],
  [
    guide('mail-worker'),
    'until # minutes before its end',
    minutes('api/domain/tokens/decide.ts', 'MARGIN_MS'),
  ],
  [
    guide('mail-worker'),
    'at most # a minute',
    minutes('api/domain/tokens/decide.ts', 'REJECTED_PAUSE_MS'),
  ],
  [
    guide('many-customers'),
    'create up to # [webhooks]',
    source('api/domain/webhooks/webhooks.ts', 'WEBHOOKS_PER_CUSTOMER'),
  ],
  [
    guide('many-customers'),
    'after # minutes at the earliest',
    minutes(`${MAINTENANCE}/customers.ts`, 'RESERVED_MS'),
  ],
  [guide('webhooks'), 'retried for # days', days('api/domain/webhooks/health.ts', 'GIVE_UP_MS')],
  [
    guide('webhooks'),
    'come after #, # and # minutes',
    minutes('api/domain/webhooks/health.ts', 'DELAYS_MS').slice(0, 3),
  ],
  [
    guide('webhooks'),
    'For # hours, messages are signed',
    hours('api/domain/webhooks/webhooks.ts', 'SECRET_OVERLAP_MS'),
  ],
  [
    guide('webhooks'),
    'within # seconds',
    source('api/domain/webhooks/send.ts', 'TIMEOUT_MS', SECOND_MS),
  ],
  [guide('alerts'), 'at most # message a minute', minutes('api/model/webhook.ts', 'PACE_MS')],
  [
    guide('alerts'),
    'more than # mailboxes',
    source('api/domain/webhooks/alerts/alert.ts', 'MAX_LINES'),
  ],
  [OPERATING, 'events are kept. Default: #.', source('api/env.ts', 'EVENT_RETENTION_DAYS')],
  [OPERATING, 'of an account, or `off`. Default: #.', source('api/env.ts', 'validationPeriod')],
  [OPERATING, 'Name of your product, at most # characters', source('api/env.ts', 'brandName')],
  [OPERATING, 'gets at most half. Default: #.', source('checker/queue.ts', 'running')],
  [OPERATING, 'against one mail server. Default: #.', source('checker/queue.ts', 'perHost')],
  [OPERATING, 'After # minutes `/readyz` is', minutes('api/domain/app/outage.ts', 'LASTING_MS')],
  [
    OPERATING,
    '# an hour for each mailbox, # for each API key; failed',
    source('schema/test-message.ts', 'TEST_MESSAGES_PER_MAILBOX'),
    source('schema/test-message.ts', 'TEST_MESSAGES_PER_KEY'),
  ],
  [OPERATING, 'run every minute sends up to #', source('api/domain/webhooks/deliver.ts', 'SENDS')],
  [OPERATING, 'unused for # days', days(`${MAINTENANCE}/refresh-tokens.ts`, 'IDLE_MS')],
  [
    OPERATING,
    'at most # a minute, and retries',
    source(`${MAINTENANCE}/refresh-tokens.ts`, 'IDLE_GRANTS'),
  ],
  [OPERATING, 'secrets | # days |', days(`${MAINTENANCE}/purge.ts`, 'KEEP_VALIDATIONS_MS')],
  [OPERATING, 'cause | # days |', days(`${MAINTENANCE}/purge.ts`, 'KEEP_DELIVERIES_MS')],
  [OPERATING, 'times | # days |', days(`${MAINTENANCE}/purge.ts`, 'KEEP_HISTORY_MS')],
  [OPERATING, 'or person | # days |', days(`${MAINTENANCE}/purge.ts`, 'KEEP_COUNTED_CALLS_MS')],
  [OPERATING, 'console | # day after', days(`${MAINTENANCE}/purge.ts`, 'KEEP_AUTHORIZATIONS_MS')],
  [OPERATING, 'root key | # days', source('api/env.ts', 'EVENT_RETENTION_DAYS')],
  [OPERATING, '# hours at most |', hours('api/domain/access/console-session.ts', 'LIFETIME_MS')],
  [
    OPERATING,
    'tenant | # days at most',
    days('api/domain/app/admin-consent.ts', 'LINK_LIFETIME_MS'),
  ],
  [OPERATING, 'Failed authentications | # a', rate('RATE_FAILED_AUTHENTICATION')],
  [OPERATING, 'consent links | # a minute', rate('RATE_AUTHORIZATIONS')],
  [OPERATING, 'test messages | # a minute', rate('RATE_VALIDATIONS')],
  [OPERATING, 'sign-in links | # for each', source('schema/authorization.ts', 'MAX_OPEN_LINKS')],
  [
    OPERATING,
    '# requests at once, then 503 `overloaded`; # idle',
    source('checker/connections.ts', 'requests'),
    source('checker/connections.ts', 'waiting'),
  ],
  [
    OPERATING,
    '`promote` again within # days',
    days('api/domain/app/promote-credential.ts', 'UNDO_MS'),
  ],
  [
    OPERATING,
    'signing key signs for # days',
    days(`${MAINTENANCE}/credentials.ts`, 'SIGNING_PERIOD_MS'),
  ],
  [
    OPERATING,
    'admin-consent links (# days)',
    days('api/domain/app/admin-consent.ts', 'LINK_LIFETIME_MS'),
  ],
  [
    OPERATING,
    'blocked ones after # minutes',
    minutes('api/domain/tokens/decide.ts', 'BLOCKED_RETRY_MS'),
  ],
]

const cases = SENTENCES.map(([documents, sentence, ...numbers]) => ({
  documents,
  sentence,
  numbers,
}))

it.each(cases)('the source agrees with "$sentence"', ({ documents, sentence, numbers }) => {
  const escaped = sentence.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = new RegExp(escaped.replaceAll(' ', '\\s+').replaceAll('#', '([\\w,]+)'))
  const matches = [documents].flat().flatMap((path) => {
    const found = pattern.exec(read(path))
    return found ? [found.slice(1)] : []
  })
  expect(matches.length, 'documents with the sentence').toBeGreaterThan(0)
  for (const found of matches) {
    const said = found.map((word) => WORDS[word] ?? Number(word.replaceAll(',', '')))
    expect(said).toEqual(numbers.flat())
  }
})
