/** The body of `sendMail`: a MIME message in base64 as text/plain, or a message as JSON. */
import { z } from 'zod'
import { type GraphError, refusals } from './errors.ts'

/** Bytes of the largest request. */
const MAX_SIZE = 4 * 1024 * 1024

export type ParsedMessage = {
  /** Sender that the request asks for; null to send as the mailbox. MIME cannot ask for one. */
  from: string | null
  to: readonly string[]
  /** MIME with one character per octet, or JSON. */
  text: string
  saveToSentItems: boolean
}

type Result = { ok: true; message: ParsedMessage } | { ok: false; failure: GraphError }

const err = (failure: GraphError): Result => ({ ok: false, failure })

const Recipient = z
  .object({ emailAddress: z.object({ address: z.string() }) })
  .transform(({ emailAddress }) => emailAddress.address)
const Recipients = z.array(Recipient).default([])

const SendMail = z.object({
  message: z.object({
    toRecipients: Recipients,
    ccRecipients: Recipients,
    bccRecipients: Recipients,
    from: Recipient.optional(),
    internetMessageHeaders: z.array(z.object({ name: z.string() })).default([]),
  }),
  saveToSentItems: z.boolean().default(true),
})

const ADDRESS = /[^\s<>,;:"]+@[^\s<>,;:"]+/g

function parseMime(base64: string): Result {
  const text = base64.replace(/\s/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    return err(refusals.notBase64)
  }
  const mime = atob(text)
  const [head = ''] = mime.split(/\r?\n\r?\n/, 1)
  const headers = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  if (!headers.every((line) => /^[!-9;-~]+:/.test(line))) return err(refusals.invalidMime)
  const to = headers
    .filter((line) => /^(?:to|cc|bcc):/i.test(line))
    .flatMap((line) => line.match(ADDRESS) ?? [])
  return { ok: true, message: { from: null, to, text: mime, saveToSentItems: true } }
}

function parseJson(text: string): Result {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return err(refusals.invalidJson)
  }
  const parsed = SendMail.safeParse(body)
  if (!parsed.success) return err(refusals.invalidJson)
  const { message, saveToSentItems } = parsed.data
  const foreign = message.internetMessageHeaders.find(({ name }) => !/^x-/i.test(name))
  if (foreign) return err(refusals.invalidHeader(foreign.name))
  const to = [...message.toRecipients, ...message.ccRecipients, ...message.bccRecipients]
  return { ok: true, message: { from: message.from ?? null, to, text, saveToSentItems } }
}

export async function parseMessage(request: Request): Promise<Result> {
  const text = await request.text()
  if (text.length > MAX_SIZE) return err(refusals.tooLarge)
  const isMime = request.headers.get('content-type')?.split(';')[0]?.trim() === 'text/plain'
  const parsed = isMime ? parseMime(text) : parseJson(text)
  if (!parsed.ok) return parsed
  const { to } = parsed.message
  const isValid = to.length > 0 && to.every((address) => /^[^@\s]+@[^@\s]+$/.test(address))
  return isValid ? parsed : err(refusals.noRecipient)
}
