/** The message to an administrator who must act: the cause, why, and what to do, in plain text. Pure. */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { type Responsible, whoActs } from '../../../schema/responsible.ts'
import { isPlain, plainLine } from './plain-text.ts'

/** The part of a cause that is shown. */
export type CauseInFull = Omit<Diagnosis['candidates'][number], 'likelihood'>

/** `isPasted`: true for the error of another program. `isPossible`: true if it is only one of several causes. */
export type About = {
  /** The mailbox that does not work, if it is known. */
  mailbox?: string | undefined
  isPasted?: boolean | undefined
  isPossible?: boolean | undefined
}

export type ReportedCause = Pick<CauseInFull, 'title' | 'explanation' | 'fixes'> &
  Partial<Pick<CauseInFull, 'url'>>

/** Returns true for administrators, to whom the reader can send the message. */
export const isAdministrator = (responsible: Responsible): boolean =>
  responsible === 'tenant_admin' || responsible === 'app_owner' || responsible === 'operator'

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

/** The guide for the admin who is asked to consent, where the causes are. */
const APPROVAL = '/docs/guides/approval'

const isConsentLink = (text: string) => text.includes('/adminconsent')

/**
 * Returns the message. Only texts of the catalogue are in it, with the values of this case. `mayConsent`: whether the reader
 * may make links for an administrator.
 */
export function adminMessage(
  { title, explanation, fixes, url }: ReportedCause,
  { mailbox, isPasted, isPossible }: About,
  mayConsent: boolean,
): string {
  const subject = mailbox ? `the mailbox ${plainLine(mailbox)}` : 'a mailbox'
  const report = `${isPasted ? 'A program' : 'Mailgrant'} reports a problem with ${subject}`
  // A step that asks the administrator first is not for the administrator.
  const known = fixes.filter(
    ({ text, url = '' }) =>
      !text.includes(whoActs.tenant_admin) &&
      (mayConsent || !isConsentLink(text.replaceAll(url, ''))),
  )
  const steps = known.flatMap((fix, index) => [
    `${index + 1}. ${plainLine(textOf(fix, mayConsent))}`,
    ...linesBelow(fix, mayConsent).map((line) => `   ${line}`),
  ])
  return [
    'Hello,',
    '',
    `${report}${isPossible ? '. A possible cause' : ''}: ${plainLine(title)}.`,
    '',
    `Why: ${plainLine(explanation)}`,
    '',
    'What to do:',
    ...steps,
    ...(known.some(({ command }) => command && EXCHANGE_COMMAND.test(command))
      ? ['', CONNECT_FIRST]
      : []),
    ...(url ? ['', `More about it: ${url}`] : []),
    ...(url && known.some((fix) => isConsentLink(fix.text + fix.url))
      ? [`What you're asked to approve: ${new URL(APPROVAL, url).href}`]
      : []),
  ].join('\n')
}

/** A command of Exchange Online, and not of Windows or of Microsoft Graph. */
const EXCHANGE_COMMAND = /^(?!Get-Mg|Resolve-|Test-Net)[A-Z][a-z]+-[A-Z]/

const CONNECT_FIRST =
  'Run the commands in Exchange Online PowerShell, after Connect-ExchangeOnline as an Exchange administrator.'

type Fix = CauseInFull['fixes'][number]

const textOf = ({ text, url }: Fix, mayConsent: boolean) =>
  url !== undefined && isConsentLink(url) && !mayConsent
    ? text.replaceAll(url, '(ask your Mailgrant administrator for the link)')
    : text

function linesBelow({ text, url, command }: Fix, mayConsent: boolean): string[] {
  const isShown = url !== undefined && !text.includes(url) && (mayConsent || !isConsentLink(url))
  return [
    ...(isShown ? [url] : []),
    ...(command === undefined ? [] : [isPlain(command) ? command : NO_COMMAND]),
  ]
}

const NO_COMMAND =
  '(The command is left out, because a value in it has invisible characters. Enter it by hand.)'
