/**
 * Indicators about sending over SMTP, how far the login had got before a message was refused, and ways to send without
 * SMTP.
 */
import { anyOf, type Indicator, not, where } from './cause.ts'
import { ofMailgrant, ofOrganisation, ofPersonal } from './conditions.ts'
import { unless } from './fixes.ts'
import * as by from './indicators.ts'

/** The page about what changes for programs. */
const GUIDE = '{mailgrant}/docs/guides/smtp-or-graph'
const BUTTON =
  'open the email account in the console and press "Send through Microsoft Graph instead"'

/** Fixes where SMTP AUTH stays off. They come last for an organisation, since its switch may be off on purpose. */
export const sendThroughGraph = [
  unless(ofPersonal, [
    "Or leave SMTP AUTH off and, if the program can, send through Microsoft Graph, which doesn't depend on that setting. Microsoft's default policy lets users consent to its permission Mail.Send themselves. Under a stricter policy, or for app-only access, an admin must consent once.",
  ]),
  unless(anyOf(ofPersonal, not(ofMailgrant)), {
    text: `In Mailgrant, ${BUTTON}. The guide says what changes for programs.`,
    url: GUIDE,
    by: 'operator',
  }),
  unless(ofPersonal, [
    'Graph needs a separate permission and should not be used to get around an admin\'s decision, so ask your Microsoft 365 admin first. A message to copy: "SMTP AUTH is off for {mailbox}. We would like to send from it through Microsoft Graph instead, with the permission Mail.Send for this mailbox. SMTP AUTH stays off. Do you agree?"',
  ]),
].flat()

/** The way out for a personal mailbox, which has no switch and no administrator. */
export const sendThroughGraphFromPersonal = unless(ofOrganisation, {
  text: `New personal mailboxes at Outlook.com can't send by SMTP, and Outlook.com has no setting that changes this. Send through Microsoft Graph (in Mailgrant, ${BUTTON}). The owner consents to "Send mail as you" (Mail.Send). No admin is needed. The guide says what changes for programs.`,
  url: GUIDE,
  first: ofPersonal,
})

/** Matches a server's refusal to accept mail from a client that has not logged in. */
export const notAuthenticated = (weight: number): Indicator =>
  by.text(weight, [
    /5\.7\.57\b/,
    /(?:client|user) (?:was |is )?not authenticated to send/,
    /client was not authenticated(?! ?\. the server response)/,
  ])

/** Matches the failure of a test message, which Mailgrant sends only after an accepted login. */
export const afterAcceptedLogin = (weight: number): Indicator =>
  where(weight, ({ stage, observed }) => stage === 'send' && observed)

/** Matches a log that also holds the refusal of a login. */
export const loginRefused: Indicator = by.text(1, [
  /535[ :]{1,2}\(?5\.7\.|5\.7\.139|5\.7\.3 auth|auth[a-z]{0,9} (?:failed|unsuccessful)/,
])

/** Matches a log with the greeting and the sender, but no login between them. */
export const noLoginInLog: Indicator = where(
  1,
  ({ text }) =>
    /\b(?:ehlo|helo) [a-z0-9[]/.test(text) &&
    /\bmail from ?:/.test(text) &&
    !/(?<!250[- ])\bauth (?:plain|login|xoauth2|oauthbearer|ntlm|cram)\b(?! (?:plain|login|xoauth2|ntlm))/.test(
      text,
    ),
)
