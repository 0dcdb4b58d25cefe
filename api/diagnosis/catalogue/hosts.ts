/** Predicates about the server of a report, and about its owner. */
import type { ParsedReport } from '../parse/parse-report.ts'
import type { Condition } from './cause.ts'
import { ofProgram } from './conditions.ts'
import { instead } from './fixes.ts'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/
const MICROSOFT =
  /(?:^|\.)(?:office365\.(?:com|us)|office\.com|outlook\.(?:com|cn|office\.com)|hotmail\.com|live\.com|microsoftonline\.(?:com|us|cn)|apps\.mil|mx\.microsoft)\.?$/
/** Replies that only Exchange Online gives, possibly through a relay or from a test server. */
const EXCHANGE =
  /535 5\.7\.(?:3|139)\b|\[[a-z0-9]{1,40}\.[a-z0-9.]{0,80}outlook\.|authenticated but not connected/

const host = ({ facts: { raw } }: ParsedReport) => raw.host ?? ''

export const isMicrosofts = (parsed: ParsedReport) => MICROSOFT.test(host(parsed))

export const isLoopback = (parsed: ParsedReport) =>
  LOOPBACK.test(host(parsed)) && !EXCHANGE.test(parsed.text)

/** Returns true if the text contains one of Microsoft's servers, even as the one that should have responded. */
export const namesMicrosoftsServer = ({ text }: ParsedReport) =>
  /\b(?:smtp|outlook|imap)\.office(?:365)?\.(?:com|us)|\b(?:smtp|imap)-mail\.outlook\.com|smtp\.live\.com|smtp(?:-hve\.office365\.com|\.hve\.mx\.microsoft)/.test(
    text,
  )

/** Detects a report that mentions another provider and not Microsoft. */
export const ofOtherProvider = ({ subject }: ParsedReport) => subject === 'other provider'

/** Detects the names of Google and of its servers. */
export const ofGoogle = (parsed: ParsedReport) =>
  ofOtherProvider(parsed) && /\bg(?:oogle|mail|smtp|imap\b)/.test(`${host(parsed)} ${parsed.text}`)

const ofMbsync: Condition = (parsed) =>
  ofGoogle(parsed) && ofProgram(/\bmbsync\b|\bisync\b/)(parsed)
const ofOfflineImap: Condition = (parsed) =>
  ofGoogle(parsed) && ofProgram(/\boffline_?imap/)(parsed)

/** Fixes if Google issued the token, or should have. */
export const GOOGLES_TOKEN = [
  instead(ofMbsync, [
    'Run the PassCmd of .mbsyncrc by hand. If it prints an app password, set "AuthMechs LOGIN" in .mbsyncrc. Otherwise the installed XOAUTH2 plug-in sends it as a token.',
    'If it prints a token, it must be a new one. If it reports invalid_grant, the sign-in has expired.',
  ]),
  instead(ofGoogle, [
    "If the app's publishing status in the Google Cloud console is Testing, publish it first: Google expires each sign-in after 7 days in Testing.",
  ]),
  instead(ofOfflineImap, [
    'Sign in to Google again, with the scope https://mail.google.com/, and put the new token into oauth2_refresh_token in .offlineimaprc.',
  ]),
  instead(
    (parsed) => ofGoogle(parsed) && !ofOfflineImap(parsed),
    "This is Google's server, so it needs a Google token: sign in to Google again, with the scope https://mail.google.com/.",
  ),
].flat()

/** Servers and replies of High Volume Email. */
const HIGH_VOLUME =
  /\bsmtp-hve\b|\bsmtp\.hve\b|\b5\.5\.(?:105|12[1-6])\b|\b5\.7\.(?:14[2-4]|240)\b|\bhigh volume email\b/

/** Returns true if the report is about High Volume Email, which has servers, accounts and permissions of its own. */
export const isHighVolume = ({ text, facts: { raw } }: ParsedReport) =>
  HIGH_VOLUME.test(`${text} ${raw.host ?? ''}`)

/**
 * Returns true if the server that replied is Microsoft's, by its configured name, or if that is unknown, by the text,
 * its greeting or the account.
 */
export const isAtMicrosoft = (parsed: ParsedReport) =>
  isMicrosofts(parsed) ||
  (host(parsed) === '' &&
    (parsed.facts.personal === true ||
      namesMicrosoftsServer(parsed) ||
      /\bmicrosoft exchange (?:imap4|pop3) service\b/.test(parsed.text)))

/** Returns true if the text has a reply that only Exchange Online gives. */
export const repliedByExchange = ({ text }: ParsedReport) => EXCHANGE.test(text)

/** Returns true if Exchange Online replied, directly or through a relay. */
export const isExchanges = (parsed: ParsedReport) =>
  isAtMicrosoft(parsed) || repliedByExchange(parsed)

/** Returns true for a pasted report about a configured server that is neither Microsoft's nor on the same machine. */
export const isOthersHost = (parsed: ParsedReport) =>
  !parsed.observed && host(parsed) !== '' && !isMicrosofts(parsed) && !isLoopback(parsed)

/** Matches a port directly after one of Microsoft's hosts or addresses. */
const PORT_IN_TEXT =
  /(?:office365?\.(?:com|us)|outlook\.com|live\.com|hotmail\.com|\b(?:13|20|40|52|132)(?:\.\d{1,3}){3})['"\]]{0,2}(?:\[[0-9.]{7,15}\])?(?::| ?, ?(?:port:? )?| port[ =:]{1,3}| \(port )(\d{2,5})\b/

/** Returns the port of the server: the configured one, else the one in the text. */
export function portOf({ facts: { raw }, text }: ParsedReport): number | undefined {
  if (raw.port !== undefined) return raw.port
  const port = PORT_IN_TEXT.exec(text)?.[1]
  return port === undefined ? undefined : Number(port)
}

/** Returns true if Mailgrant's own login got a greeting, which shows that the server speaks this protocol. */
export const hasGreeted = ({ kind, stage }: ParsedReport) =>
  kind !== undefined && (stage === 'auth' || stage === 'select')

/**
 * Returns true if Mailgrant itself sent a password to a server that has another name than Microsoft's, and no reply of
 * Exchange.
 */
export const isOthersPassword = (parsed: ParsedReport) =>
  hasGreeted(parsed) &&
  parsed.facts.password === true &&
  host(parsed) !== '' &&
  !isMicrosofts(parsed) &&
  !EXCHANGE.test(parsed.text)
