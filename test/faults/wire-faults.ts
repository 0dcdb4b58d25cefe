/**
 * Faults of the connection between the product and Entra, byte by byte: what the runtime's own fetch makes of
 * them is part of the product. Afterwards a token must be issued.
 */
import { createServer, type Socket } from 'node:net'
import { type Deployment, expireTokens, type StartDeployment } from './deployment.ts'
import { createTally, type Kind, type Size } from './kinds.ts'

/** Writes to the socket in place of Entra. `body` is the response of Entra to the request. */
type Wire = (socket: Socket, body: string) => void

const CRLF = '\r\n'
const head = (length: number | string, ...headers: string[]) =>
  [
    'HTTP/1.1 200 OK',
    'content-type: application/json',
    `content-length: ${length}`,
    'connection: close',
    ...headers,
    '',
    '',
  ].join(CRLF)
const chunked = [
  'HTTP/1.1 200 OK',
  'content-type: application/json',
  'transfer-encoding: chunked',
  '',
  '',
].join(CRLF)

/** Ends the connection with this text. */
const send =
  (text: (body: string) => string | Buffer): Wire =>
  (socket, body) =>
    void socket.end(text(body))

const reset: Wire = (socket) => void socket.resetAndDestroy()

const wires: Record<string, Wire> = {
  'reset after the request was processed': reset,
  'closed without a response': (socket) => void socket.end(),
  'half of the headers': send((body) => head(body.length).slice(0, 40)),
  'headers without a body': send((body) => head(body.length)),
  'half of the body': send((body) => head(body.length) + body.slice(0, body.length / 2)),
  'half of the body, then reset': (socket, body) => {
    socket.write(head(body.length) + body.slice(0, body.length / 2), () => reset(socket, body))
  },
  'a length that is too short': send((body) => head(body.length - 10) + body),
  'a length that is too long': send((body) => head(body.length + 10) + body),
  'a negative length': send((body) => head(-1) + body),
  'a length that is no number': send((body) => head('many') + body),
  'two lengths': send((body) => head(body.length, 'content-length: 3') + body),
  'length and chunks': send((body) => head(body.length, 'transfer-encoding: chunked') + body),
  'chunks that break off': send((body) => `${chunked}${body.length.toString(16)}${CRLF}${body}`),
  'a chunk size that is no number': send((body) => `${chunked}zz${CRLF}${body}`),
  'an endless chunk size': send(() => chunked + 'f'.repeat(100_000)),
  'garbage in place of gzip': send(() => `${head(20, 'content-encoding: gzip')}${'x'.repeat(20)}`),
  'an unknown encoding': send((body) => head(body.length, 'content-encoding: br-2') + body),
  'no HTTP': send(() => 'SSH-2.0-OpenSSH_9.9\r\n'),
  'a TLS alert': send(() => Buffer.from([0x15, 3, 3, 0, 2, 2, 40])),
  'HTTP/2 settings': send(() => Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])),
  'a response of HTTP/0.9': send((body) => body),
  'a status that is no number': send((body) => head(body.length).replace('200', 'abc') + body),
  'status 999': send((body) => head(body.length).replace('200', '999') + body),
  'status 100 and nothing more': send(() => `HTTP/1.1 100 Continue${CRLF}${CRLF}`),
  'a thousand early hints': send(
    (body) => `HTTP/1.1 103 Early Hints${CRLF}${CRLF}`.repeat(1000) + head(body.length) + body,
  ),
  'headers of 1 MB': send((body) => head(body.length, `x-long: ${'x'.repeat(1_000_000)}`) + body),
  'a NUL byte in a header': send((body) => head(body.length, 'x-nul: a\u0000b') + body),
  'the response twice': send((body) => (head(body.length) + body).repeat(2)),
  'a redirect to itself': send(
    () =>
      `HTTP/1.1 307 Temporary Redirect${CRLF}location: /again${CRLF}content-length: 0${CRLF}${CRLF}`,
  ),
  'a redirect to another host': send(
    () =>
      `HTTP/1.1 302 Found${CRLF}location: http://127.0.0.1:9/${CRLF}content-length: 0${CRLF}${CRLF}`,
  ),
}

/** Faults that last until the product times out. */
const slowWires: Record<string, Wire> = {
  'no response': () => {},
  'headers byte by byte': (socket, body) => drip(socket, head(body.length) + body),
  'a body that never ends': (socket, body) =>
    void socket.write(head(body.length) + body.slice(0, -1)),
}

/** Sends one byte every 300 ms. */
function drip(socket: Socket, text: string): void {
  let sent = 0
  const timer = setInterval(() => socket.write(text[sent++] ?? ''), 300)
  socket.on('close', () => clearInterval(timer))
}

/** Starts a server that forwards requests to Entra and lets `wire` respond, if there is one. */
async function startFront(
  entra: (request: Request) => Promise<Response>,
  state: { wire: Wire | null; requests: number },
) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
      const end = text.indexOf(CRLF + CRLF)
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end < 0 || text.length < end + 4 + length) return
      const [method = '', path = ''] = text.split(' ')
      const form = text.slice(end + 4)
      text = ''
      state.requests += 1
      void forward(socket, method, path, form)
    })
  })
  async function forward(socket: Socket, method: string, path: string, form: string) {
    const request = new Request(url() + path, {
      method,
      ...(method === 'POST' && {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      }),
    })
    const response = await entra(request)
    const body = await response.text()
    if (state.wire) state.wire(socket, body)
    else socket.end(head(body.length).replace('200 OK', `${response.status} X`) + body)
  }
  function url(): string {
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: url(),
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export async function wireFaults(size: Size, start: StartDeployment): Promise<Kind[]> {
  const tally = createTally()
  const state: { wire: Wire | null; requests: number } = { wire: null, requests: 0 }
  const product = await start({ front: (entra) => startFront(entra, state) })
  try {
    const { path, grant } = await product.connect()
    for (const [name, wire] of Object.entries(
      size === 'full' ? { ...wires, ...slowWires } : wires,
    )) {
      const trials = size === 'full' && name in wires ? 3 : 1
      for (let trial = 0; trial < trials; trial += 1) {
        await tally.trial(name, () => wireTrial(product, state, { wire, path, grant }))
      }
    }
  } finally {
    await product.stop()
  }
  return tally.kinds()
}

async function wireTrial(
  product: Deployment,
  state: { wire: Wire | null; requests: number },
  { wire, path, grant }: { wire: Wire; path: string; grant: string },
): Promise<string[]> {
  await expireTokens(product)
  Object.assign(state, { wire, requests: 0 })
  const during = await product.call(0, 'POST', path, {})
  state.wire = null
  const failures: string[] = []
  if (during.status !== 200 && during.body.code !== 'provider_unavailable') {
    failures.push(`during the fault a caller gets ${during.status} ${during.body.code}`)
  }
  // Two refresh tokens may be tried, each once.
  if (state.requests === 0) failures.push('Entra was not asked')
  if (state.requests > 2) failures.push(`Entra was asked ${state.requests} times`)
  await (await product.db())
    .prepare('UPDATE grant_tokens SET retry_at = 1 WHERE retry_at > 0')
    .run()
  await expireTokens(product)
  const after = await product.call(1, 'POST', path, {})
  if (after.status !== 200) {
    failures.push(`afterwards a caller gets ${after.status} ${after.body.code}`)
  }
  const { status } = await product.expectStatus(200, 'GET', `/v1/grants/${grant}`)
  if (status !== 'active') failures.push(`afterwards the grant is ${status}`)
  const log = product.takeLog()
  const shown = product.entra.issuedSecrets().filter((secret) => log.includes(secret))
  return [...failures, ...shown.map((secret) => `the log shows ${secret.slice(0, 20)}...`)]
}
