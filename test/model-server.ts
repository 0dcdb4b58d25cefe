/** A language model with recorded replies, behind the API that OpenAI's and most others have. */

export const MODEL_URL = 'https://models.example.com/v1/chat/completions'

export type ModelRequest = { authorization: string | null; body: string }

/** Returns its fetch, and the requests that it got. `reply`: the words of the model, or a whole response. */
export function createModelServer(reply: (text: string) => string | Response) {
  const requests: ModelRequest[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (request.url !== MODEL_URL) throw new TypeError(`no such host: ${request.url}`)
    const body = await request.text()
    requests.push({ authorization: request.headers.get('authorization'), body })
    const { messages } = JSON.parse(body) as { messages: { content: string }[] }
    const response = reply(messages.at(-1)?.content ?? '')
    return typeof response === 'string'
      ? Response.json({
          choices: [{ index: 0, message: { role: 'assistant', content: response } }],
        })
      : response
  }
  return { fetch, requests }
}

/** Returns the words of a model that chooses these causes, each with a line. */
export const chooses = (...causes: readonly [slug: string, line: number][]): string =>
  JSON.stringify({ causes: causes.map(([slug, line]) => ({ slug, line })) })
