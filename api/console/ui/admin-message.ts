/** The message to an administrator who must act: the cause, why, and what to do, in plain text. Pure. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { StateProblem } from '../../../schema/problem.ts'
import { type Responsible, whoActs } from '../../../schema/responsible.ts'
import { capitalised } from './phrase.ts'
import { isPlain, plainLine } from './plain-text.ts'

/** The part of a cause that is shown. */
export type CauseInFull = Omit<Diagnosis['candidates'][number], 'likelihood'>

/** `isPasted`: true for the error of another program. `isPossible`: true if it is only one of several causes. */
export type About = {
  /** The mailbox that does not work, if it is known. */
  mailbox?: string | undefined
  isPasted?: boolean | undefined
  isPossible?: boolean | undefined
  /** Time of the last failure, as the API shows it. */
  failedAt?: string | undefined
  /** Codes of Microsoft's responses. */
  codes?: string | undefined
}

/** Returns what the message says about the problem of a mailbox. */
export const aboutProblem = (
  mailbox: string,
  { since, detail, diagnosis }: StateProblem,
): About => ({
  mailbox,
  failedAt: since,
  codes: codesIn(`${detail} ${JSON.stringify(diagnosis?.proof)}`),
})

/** Returns the codes in a text, such as "AADSTS53003" or "535 5.7.139". They cannot contain a server's words. */
export const codesIn = (text: string): string =>
  [...new Set(text.match(/\bAADSTS\d{4,8}\b|\b[45]\d\d [45]\.\d\d?\.\d{1,3}\b/g))].join(', ')

export type ReportedCause = Pick<CauseInFull, 'title' | 'explanation' | 'responsible' | 'fixes'> &
  Partial<Pick<CauseInFull, 'url'>>

/** The deployment that sends the message. */
export type Sender = {
  /** Address of the console. */
  site: string
  /** Client ID of the app, and who may sign in: a tenant, or a word for many. Null while it is unknown. */
  app: { clientId: string; tenant: string } | null
  /** Name of the person or API key that asks; null if it is unknown. */
  asker: string | null
  /** True if the console's user may make links for an administrator. */
  mayConsent: boolean
}

const ADMINISTRATORS: readonly Responsible[] = ['tenant_admin', 'app_owner', 'operator']

/** Returns the administrator who acts, or who takes at least one step. Undefined if none does. */
export const readerOf = ({
  responsible,
  fixes,
}: Pick<ReportedCause, 'responsible' | 'fixes'>): Responsible | undefined =>
  [responsible, ...fixes.map((fix) => fix.responsible)].find(
    (party) => party && ADMINISTRATORS.includes(party),
  )

/** The cause where Microsoft refuses new access tokens for a reason that the catalogue does not have. */
export const unknownCause = {
  responsible: 'tenant_admin' as const,
  title: 'Microsoft refuses new access tokens',
  explanation:
    "Microsoft's response contains no reason that Mailgrant knows. The sign-in logs show it.",
  fixes: [
    {
      text: "In the Microsoft Entra admin center, open Monitoring & health > Sign-in logs, and find the account's last failure. Its details show which policy or setting refused it.",
      url: 'https://entra.microsoft.com/#view/Microsoft_AAD_IAM/SignInEventsV3Blade',
    },
  ],
}

const isConsentLink = (text: string) => text.includes('/adminconsent')

/** Returns the message. Only texts of the catalogue are in it, with the values of this case. */
export function adminMessage(cause: ReportedCause, about: About, sender: Sender): string {
  const { title, explanation, fixes, url } = cause
  const reader = readerOf(cause) ?? 'tenant_admin'
  const { mailbox, isPasted, isPossible, failedAt, codes } = about
  const { site, app, asker, mayConsent } = sender
  const subject = mailbox ? `the mailbox ${plainLine(mailbox)}` : 'a mailbox'
  // A step that says to ask the administrator is left out, since the administrator gets this message.
  const known = fixes.filter(
    ({ text, url = '' }) =>
      !text.includes(whoActs.tenant_admin) &&
      (mayConsent || !isConsentLink(text.replaceAll(url, ''))),
  )
  const steps = known.filter(({ purpose }) => !purpose)
  const actorOf = ({ responsible = cause.responsible }: Fix) => responsible
  const own = steps.filter((fix) => actorOf(fix) === reader)
  const others = steps.filter((fix) => actorOf(fix) !== reader)
  // In the catalogue, alternatives begin with "Or", and are in the order of their checks.
  const isChoice = own.some(({ text }) => OR.test(text))
  const time = failedAt && `${failedAt.slice(0, 16).replace('T', ' ')} UTC`
  const when = [time, codes].filter(Boolean).join(', ')
  const step = (fix: Fix, mark = '') => [
    `${mark}${plainLine(textOf(fix, mayConsent)).replace(OR, (_, first) => first.toUpperCase())}`,
    ...linesBelow(fix, mayConsent).map((line) => `   ${line}`),
  ]
  const gap = isChoice ? [] : ['']
  /** Returns how to check and undo these alternatives, or all of the fix. */
  const tests = (from: number, to?: number) =>
    (['check', 'undo'] as const).flatMap((purpose) =>
      known
        .filter((fix) => fix.purpose === purpose)
        .slice(from, to)
        .flatMap((fix) => [...gap, ...step(fix, fix.command && marks[purpose])]),
    )
  return [
    'Hello,',
    '',
    isPasted
      ? `A program can't use ${subject}. The cause was found with Mailgrant, at ${site}.`
      : `We run Mailgrant, at ${site}. It gives our programs access to mailboxes with Microsoft's access tokens in place of passwords. It can't use ${subject}.`,
    `As ${roleOf(reader, isPasted)}, you can ${isPossible ? 'check this and fix it' : 'fix this'}. Please reply${asker ? ` to ${plainLine(asker)}` : ''} if you have questions, but never with a password or a secret.`,
    '',
    `${isPossible ? 'Possible cause' : 'Cause'}: ${plainLine(title)}${when && ` (${when})`}.`,
    `Why: ${plainLine(explanation)}`,
    ...(isPasted || app === null
      ? []
      : [
          `The app ("your app" below): Mailgrant, unless it was renamed, Application (client) ID ${app.clientId}${ONE_TENANT.test(app.tenant) ? `, tenant ${app.tenant}` : ''}`,
        ]),
    '',
    `${isChoice ? 'Choose one of these' : 'What to do'}${
      known.some(({ command }) => command && EXCHANGE_COMMAND.test(command))
        ? ', with commands for Exchange Online PowerShell after Connect-ExchangeOnline:'
        : ':'
    }`,
    ...own.flatMap((fix, index) =>
      isChoice
        ? ['', ...step(fix, `${'ABCDEFGH'[index]}. `), ...tests(index, index + 1)]
        : step(fix, `${index + 1}. `),
    ),
    ...others.flatMap((fix) => step(fix, `- ${capitalised(roleOf(actorOf(fix), isPasted))}: `)),
    ...tests(isChoice ? own.length : 0),
    '',
    `When you're done, please reply${isPasted ? '' : ', so that we can validate it'}.`,
    ...(url ? [`More about it: ${url}`] : []),
    ...(known.some((fix) => isConsentLink(fix.text + fix.url))
      ? [`What you're asked to approve: ${site}/docs/guides/approval`]
      : []),
  ].join('\n')
}

const OR = /^Or (.)/

const marks = { check: 'Check it first, and again afterwards. ', undo: '' }

/** A domain or a GUID, and not `common`. */
const ONE_TENANT = /[.-]/

const roleOf = (responsible: Responsible, isPasted = false) =>
  responsible === 'operator' && isPasted
    ? 'the administrator of the program'
    : whoActs[responsible].replace(/^your/, 'the')

/** A command of Exchange Online, and not of Windows or of Microsoft Graph. */
const EXCHANGE_COMMAND = /^(?!Get-Mg|Resolve-|Test-Net)[A-Z][a-z]+-[A-Z]/

type Fix = CauseInFull['fixes'][number]

/** A link is below the text, where mail programs recognise all of it. */
const textOf = ({ text, url = '' }: Fix, mayConsent: boolean) =>
  url === '' ? text : text.replaceAll(url, isHidden(url, mayConsent) ? NO_LINK : 'below')

const isHidden = (url: string, mayConsent: boolean) => isConsentLink(url) && !mayConsent

const linesBelow = ({ url, command }: Fix, mayConsent: boolean): string[] => [
  ...(url === undefined || isHidden(url, mayConsent) ? [] : [url]),
  ...(command === undefined ? [] : [isPlain(command) ? command : NO_COMMAND]),
]

const NO_LINK = '(ask our Mailgrant administrator for it)'

const NO_COMMAND =
  '(The command is left out, because a value in it has invisible characters. Enter it by hand.)'
