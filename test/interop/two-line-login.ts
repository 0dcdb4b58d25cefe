/**
 * XOAUTH2 for nodemailer in the form that RFC 4954, section 4, requires for a long token: the response on a
 * line of its own. nodemailer itself sends it within the AUTH command, which Postfix cuts at 2,048 octets.
 */
import type { SMTPConnectionCustomAuthHandler } from 'nodemailer/lib/smtp-connection'

/** Encodes the response of XOAUTH2, the SASL mechanism of Google and Microsoft (no RFC). */
const xoauth2 = (user: string, token: string): string =>
  Buffer.from(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`).toString('base64')

/** Logs in with `pass` as the access token. */
const twoLineLogin: SMTPConnectionCustomAuthHandler = async ({ auth, sendCommand }) => {
  const { user, pass } = auth.credentials
  const continued = await sendCommand('AUTH XOAUTH2')
  const { status, response } =
    continued.status === 334 ? await sendCommand(xoauth2(user, pass)) : continued
  if (status !== 235) throw new Error(response)
}

/**
 * Name of the method. Not `XOAUTH2`: without its option `oauth2`, nodemailer would then take the first method that the
 * server offers, such as LOGIN.
 */
export const TWO_LINE_METHOD = 'XOAUTH2 on two lines'

/** Option of nodemailer that adds the method. */
export const customAuth = { [TWO_LINE_METHOD]: twoLineLogin }
