/** Sends a chat to the operator's language model, through the API of OpenAI, which most others have, too. */
import { SECOND_MS } from '../schema/durations.ts'
import { exchange } from './entra/http.ts'

const CHAT_TIMEOUT_MS = 15 * SECOND_MS
/** Maximum size of a response in bytes. A choice of causes has a few hundred. */
const CHAT_MAX_BODY = 32 * 1024

type ChatModel = { url: string; key: string | null; name: string }

/** `instructions`: for the model. `text`: the input. */
export type Chat = { instructions: string; text: string }

/** `failure`: a word for the log, never the server's text. */
export type ChatReply = { ok: true; content: string } | { ok: false; failure: string }

export type ChatClient = ReturnType<typeof createChatClient>

/** Returns the body of the request. */
export const chatBody = (model: string, { instructions, text }: Chat) => ({
  model,
  messages: [
    { role: 'system', content: instructions },
    { role: 'user', content: text },
  ],
  temperature: 0,
  stream: false,
})

export function createChatClient(input: {
  fetch: typeof fetch
  model: ChatModel
  timeoutMs?: number
}) {
  const { fetch, model, timeoutMs = CHAT_TIMEOUT_MS } = input
  const http = { fetch, timeoutMs, maxBody: CHAT_MAX_BODY }
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(model.key !== null && { authorization: `Bearer ${model.key}` }),
  }

  /** Sends the chat once, and follows no redirect. */
  return async (chat: Chat): Promise<ChatReply> => {
    const body = JSON.stringify(chatBody(model.name, chat))
    const result = await exchange(http, model.url, { method: 'POST', headers, body })
    if (!result.ok) return { ok: false, failure: result.failure.kind }
    const { status, defect, json } = result.response
    if (status !== 200) return { ok: false, failure: `status_${status}` }
    if (defect !== null) return { ok: false, failure: defect }
    const { choices } = Object(json)
    const content = Array.isArray(choices) ? choices[0]?.message?.content : undefined
    return typeof content === 'string'
      ? { ok: true, content }
      : { ok: false, failure: 'no_content' }
  }
}
