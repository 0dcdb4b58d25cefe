/** Signs about sending over SMTP: how far the login had got before a message was refused. */
import { matchesText, type Sign, where } from './cause.ts'

/** Matches a refusal of the sender without a login. */
export const notAuthenticated = (weight: number): Sign =>
  matchesText(
    weight,
    /5\.7\.57\b/,
    /(?:client|user) (?:was |is )?not authenticated to send/,
    /client was not authenticated(?! ?\. the server response)/,
  )

/** Matches a test message: the product sends one only after a login that the server accepted. */
export const afterAcceptedLogin = (weight: number): Sign =>
  where(weight, ({ stage, observed }) => stage === 'send' && observed)

/** Matches a log that also holds the refusal of a login. */
export const loginRefused: Sign = matchesText(
  1,
  /535[ :]{1,2}\(?5\.7\.|5\.7\.139|5\.7\.3 auth|auth[a-z]{0,9} (?:failed|unsuccessful)/,
)

/** Matches a log with the greeting and the sender, but no login between them. */
export const noLoginInLog: Sign = where(
  1,
  ({ text }) =>
    /\b(?:ehlo|helo) [a-z0-9[]/.test(text) &&
    /\bmail from ?:/.test(text) &&
    !/(?<!250[- ])\bauth (?:plain|login|xoauth2|oauthbearer|ntlm|cram)\b(?! (?:plain|login|xoauth2|ntlm))/.test(
      text,
    ),
)
