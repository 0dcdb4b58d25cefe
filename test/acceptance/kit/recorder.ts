/**
 * Records what the product and the kit exchange with Microsoft, in memory only. `transcript.ts` decides what of it is
 * written down.
 */

/** One HTTP exchange as it was, with its secrets. */
export type Exchange = {
  step: string
  url: URL
  method: string
  form: URLSearchParams
  status: number
  headers: Headers
  text: string
  /** Undefined if the body is not JSON. */
  json: unknown
  milliseconds: number
  /** Milliseconds since the epoch. */
  at: number
}

export type MailLine = { step: string; protocol: string; from: 'client' | 'server'; line: string }

/** Form parameters, query parameters and JSON members whose values are secret, so they must not be in any file. */
const SECRETS = [
  'code',
  'refresh_token',
  'access_token',
  'id_token',
  'client_secret',
  'client_assertion',
  'code_verifier',
]

export type Recorder = ReturnType<typeof createRecorder>

export function createRecorder() {
  const exchanges: Exchange[] = []
  const callbacks: { step: string; url: URL }[] = []
  const mail: MailLine[] = []
  const secrets = new Set<string>()
  let step = 'start'

  function keepSecrets(values: Record<string, unknown>): void {
    for (const name of SECRETS) {
      const value = values[name]
      if (typeof value === 'string' && value.length > 8) secrets.add(value)
    }
  }

  return {
    exchanges: exchanges as readonly Exchange[],
    callbacks: callbacks as readonly { step: string; url: URL }[],
    mail: mail as readonly MailLine[],
    /** Everything that must not be in any file. */
    secrets: secrets as ReadonlySet<string>,
    begin(name: string): void {
      step = name
    },
    callback(url: URL): void {
      callbacks.push({ step, url })
      keepSecrets(Object.fromEntries(url.searchParams))
    },
    line(protocol: string, from: MailLine['from'], line: string): void {
      mail.push({ step, protocol, from, line })
    },
    /** Returns a `fetch` that records. */
    wrap:
      (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
      async (input, init) => {
        const request = new Request(input as RequestInfo, init)
        const sent = init?.body === undefined ? '' : String(init.body)
        const isForm = request.headers.get('content-type')?.includes('x-www-form-urlencoded')
        const form = new URLSearchParams(isForm ? sent : '')
        const began = performance.now()
        const response = await fetch(input, init)
        const text = await response.clone().text()
        const json = parse(text)
        keepSecrets(Object.fromEntries(form))
        keepSecrets((json ?? {}) as Record<string, unknown>)
        exchanges.push({
          step,
          url: new URL(request.url),
          method: request.method,
          form,
          status: response.status,
          headers: response.headers,
          text,
          json,
          milliseconds: Math.round(performance.now() - began),
          at: Date.now(),
        })
        return response
      },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
