/** A caller of the public API with one key: what a third party's backend would write first. */
import { fail } from './steps.ts'

export type Answer = { status: number; body: Record<string, unknown>; headers: Headers }

export type Api = ReturnType<typeof createApi>

/** Is told every answer of the product as text: a test listens for what must not be in it. */
export type Hear = (where: string, text: string) => void

export function createApi(origin: string, key: string, hear: Hear = () => {}) {
  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    hear(`${method} ${path}`, text)
    const json = response.headers.get('content-type')?.includes('json')
    return {
      status: response.status,
      body: json ? JSON.parse(text) : { text },
      headers: response.headers,
    }
  }

  return {
    origin,
    hear,
    call,
    /** The body of an answer that must have this status. */
    async expect(status: number, method: string, path: string, body?: unknown) {
      const answer = await call(method, path, body)
      if (answer.status !== status) {
        const { code, detail, title } = answer.body
        fail(
          `${method} ${path} answered ${answer.status}, not ${status}: ${code ?? ''} ${detail ?? title ?? ''}`,
        )
      }
      return answer.body
    },
  }
}
