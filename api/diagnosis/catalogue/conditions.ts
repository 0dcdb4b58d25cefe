/** Conditions about the account, the program or the request as a whole. Most are for fixes. */
import type { ParsedReport } from '../parse/parse-report.ts'
import type { Indicator } from './cause.ts'

/** Matches reports about personal accounts, and about accounts of an organisation: for fixes. */
export const ofPersonal: Indicator = ({ facts }) => (facts.personal === true ? 1 : 0)
export const ofOrganisation: Indicator = ({ facts }) => (facts.personal === false ? 1 : 0)

/** Matches reports about reading mail: for fixes. A protocol that was only assumed does not count. */
export const ofReading: Indicator = ({ protocol, interpretation }) =>
  protocol === 'imap' && interpretation.protocol !== null ? 1 : 0

/** Matches reports about the sign-in page and the way back from it: for fixes. */
export const ofSignIn: Indicator = ({ protocol }) => (protocol === 'authorize' ? 1 : 0)

/** Matches a program by its name in the text or in the evidence: for fixes. */
export const ofProgram =
  (name: RegExp): Indicator =>
  ({ text, facts: { raw } }) =>
    name.test(`${raw.library ?? ''} ${text}`) ? 1 : 0

/** Matches Mailgrant's own reports, and texts of other programs that mention it: for fixes. */
export const ofMailgrant: Indicator = ({ text, observed, mailgrantProblem }) =>
  observed || mailgrantProblem !== null || text.includes('mailgrant') ? 1 : 0

/** Matches a program that sends the user's password to the token endpoint (grant_type=password). */
export const ofPasswordGrant: Indicator = ({ text, facts: { raw } }) =>
  raw.flow === 'password' ||
  /\busernamepasswordcredential\b|by_?username_?password\b|\bgrant_type=password\b/.test(text)
    ? 1
    : 0

/** Matches reports about calls of Microsoft Graph: for fixes and weights. */
export const atGraph: Indicator = ({ protocol, source }) =>
  protocol === 'graph' || source === 'graph' ? 1 : 0

/** Matches a method for strings beside a null value, as in an error about an address that is missing. */
const NO_VALUE =
  /\b(?:downcase|tolowercase|lower|split)\b.{0,30}\b(?:nil|null|undefined|nonetype)\b|\b(?:nil|null|undefined|'nonetype'|none)\b.{0,60}\b(?:downcase|tolowercase|lower|split)\b/

/** Detects a program that expected text, such as an address, and had none. */
export const hasNoValue = ({ text }: ParsedReport) => NO_VALUE.test(text)

/** Returns true if the suberror is one of these, unless the error beside it concerns the app. */
export const blamesToken = (
  { suberror, oauth }: ParsedReport,
  ...suberrors: readonly string[]
): boolean =>
  suberror !== null &&
  suberrors.includes(suberror) &&
  !oauth.has('invalid_client') &&
  !oauth.has('unauthorized_client')
