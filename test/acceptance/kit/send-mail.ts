/** Calls of sendMail: the probe, and a message to the person's own mailbox. */
import type { Kit } from './context.ts'

/** Neither base64 nor a message, as the product's own probe. */
const NO_MESSAGE = '!!!!'

type Call = { path: string; token: string | null; type?: string; body?: string }

/** Calls sendMail of a mailbox. */
export async function send(
  kit: Kit,
  { path, token, type = 'text/plain', body = NO_MESSAGE }: Call,
) {
  const headers = {
    'content-type': type,
    ...(token !== null && { authorization: `Bearer ${token}` }),
  }
  return kit.postTo(`${kit.target.graph}${path}/sendMail`, body, headers)
}

export const message = (to: string, headers: object[] = []) =>
  JSON.stringify({
    message: {
      subject: 'Mailgrant acceptance',
      body: { contentType: 'Text', content: 'Sent by the acceptance kit to its own mailbox.' },
      toRecipients: [{ emailAddress: { address: to } }],
      ...(headers.length > 0 && { internetMessageHeaders: headers }),
    },
  })

/** The refusal of a text that is no message, by which Graph shows that the token may send. */
export const PROBE = '400 ErrorMimeContentInvalidBase64String'
