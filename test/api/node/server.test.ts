import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createRequestMetrics } from '../../../api/node/server-metrics.ts'
import { parseMetrics } from '../../prometheus-text.ts'
import { full } from '../../sample.ts'
import { ROOT_KEY, startInProcess } from './in-process-server.ts'
import { openRaw, sendRaw } from './raw-connection.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const authorization = `Bearer ${ROOT_KEY}`

/** Returns the problem in the last response of a raw connection. */
const problemIn = (response: string): Record<string, unknown> =>
  JSON.parse(response.slice(response.lastIndexOf('\r\n\r\n') + 4))

const statusesIn = (response: string) =>
  [...response.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

const get = (path: string, host: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n')

describe('a foreign Host', () => {
  it('is refused with a sentence', async () => {
    await using server = await startInProcess()
    const response = await sendRaw(server.port, get('/v1/grants', 'evil.example'))
    expect(response).toMatch(/^HTTP\/1\.1 421 /)
    const problem = problemIn(response)
    expect(problem).toMatchObject({
      type: 'https://mail.example.com/docs/problems#misdirected_request',
      status: 421,
      code: 'misdirected_request',
      detail:
        'This server does not accept requests for this host name. Use https://mail.example.com, or send an API key.',
      instance: '/v1/grants',
    })
    expect(response.toLowerCase()).toContain(`x-request-id: ${problem.request_id}`)
    expect(server.lines.at(-1)).toContain('"status":421')
  })

  it.each([
    ['/', 421],
    ['/console/', 421],
    ['/console/session', 421],
    ['/oauth/status', 421],
    ['/openapi.json', 421],
    ['/none', 421],
    ['/healthz', 200],
    ['/readyz', 200],
    ['/healthz/../none', 421],
  ])('at %s is %i', async (path, status) => {
    await using server = await startInProcess()
    expect(statusesIn(await sendRaw(server.port, get(path, 'evil.example')))).toEqual([status])
  })

  it('reaches everything with a key', async () => {
    await using server = await startInProcess()
    const header = `Authorization: ${authorization}`
    const response = await sendRaw(server.port, get('/v1/grants', 'mailgrant.internal:80', header))
    expect(response).toMatch(/^HTTP\/1\.1 200 /)
  })

  it.each(['x', 'Bearer x', 'Bearer', 'Digest mg_key'])(
    'is refused with the Authorization %j, which a page can send, too',
    async (value) => {
      await using server = await startInProcess()
      const at = (path: string) => get(path, 'evil.example', `Authorization: ${value}`)
      expect(await sendRaw(server.port, at('/console/'))).toMatch(/^HTTP\/1\.1 421 /)
    },
  )

  it('is not read from X-Forwarded-Host or Forwarded', async () => {
    await using server = await startInProcess({ trustedProxies: ['127.0.0.1'] })
    const headers = ['X-Forwarded-Host: mail.example.com', 'Forwarded: host=mail.example.com']
    expect(await sendRaw(server.port, get('/', 'evil.example', ...headers))).toMatch(/ 421 /)
    const forged = ['X-Forwarded-Host: evil.example', 'Forwarded: host=evil.example']
    const response = await sendRaw(server.port, get('/', 'mail.example.com', ...forged))
    expect(response).toMatch(/^HTTP\/1\.1 302 /)
    expect(response).not.toContain('evil.example')
  })

  it('counts in the target of a request before the header', async () => {
    await using server = await startInProcess()
    const to = (target: string, host: string) => sendRaw(server.port, get(target, host))
    expect(await to('http://evil.example/', 'mail.example.com')).toMatch(/ 421 /)
    expect(await to('http://mail.example.com/console/', 'evil.example')).toMatch(/ 200 /)
  })
})

it('goes on after connections that could not be accepted', async () => {
  await using server = await startInProcess()
  for (const code of ['ENFILE', 'ENFILE']) {
    server.server.emit('error', Object.assign(new Error(`accept ${code}`), { code }))
  }
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  const refused = server.lines.filter((line) => line.includes('"connection_not_accepted"'))
  expect(refused).toHaveLength(2)
  expect(refused[0]).toContain('"level":"error"')
})

describe('a Host that is no host', () => {
  it.each([
    ['two headers', 'mail.example.com\r\nHost: mail.example.com'],
    ['two different headers', 'mail.example.com\r\nHost: evil.example'],
    ['a path', 'mail.example.com/x'],
    ['a user', 'x@mail.example.com'],
    ['a space', 'mail.example.com evil.example'],
  ])('is malformed with %s', async (_name, host) => {
    await using server = await startInProcess()
    const response = await sendRaw(server.port, get('/healthz', host))
    expect(response).toMatch(/^HTTP\/1\.1 400 /)
    expect(problemIn(response)).toMatchObject({
      code: 'bad_request',
      detail: 'The address or the Host header is malformed.',
    })
    expect(response.toLowerCase()).toContain('x-request-id: ')
  })

  it.each(['*', 'healthz', '/a\\b'])('is as malformed as the target %s', async (target) => {
    await using server = await startInProcess()
    expect(await sendRaw(server.port, get(target, 'mail.example.com'))).toMatch(/ 400 /)
  })

  it('may be missing in HTTP/1.0, as from a load balancer, for the health checks only', async () => {
    await using server = await startInProcess()
    const at = (path: string, version: string) =>
      sendRaw(server.port, `GET ${path} HTTP/${version}\r\n\r\n`)
    expect(await at('/healthz', '1.0')).toMatch(/^HTTP\/1\.1 200 /)
    expect(await at('/console/', '1.0')).toMatch(/^HTTP\/1\.1 421 /)
    expect(await at('/healthz', '1.1')).toMatch(/ 400 /)
  })
})

describe('the address of the client', () => {
  async function counted(trustedProxies: string[], ...headers: string[]): Promise<string[]> {
    const keys: string[] = []
    await using server = await startInProcess({
      trustedProxies,
      outside: { withinRate: async (_name, key) => keys.push(key) > 0 },
    })
    const bad = 'Authorization: Bearer mg_unknown_unknown'
    await sendRaw(server.port, get('/v1/grants', 'mail.example.com', bad, ...headers))
    return keys
  }

  it('is that of the connection, whatever headers say', async () => {
    const forged = ['X-Forwarded-For: 198.51.100.1', 'CF-Connecting-IP: 198.51.100.2']
    const more = [
      'X-Real-IP: 198.51.100.3',
      'Forwarded: for=198.51.100.4',
      'True-Client-IP: 5.5.5.5',
    ]
    expect(await counted([], ...forged, ...more)).toEqual(['127.0.0.1'])
    expect(await counted(['10.0.0.0/8'], ...forged, ...more)).toEqual(['127.0.0.1'])
  })

  it('is what a trusted proxy appended, in a line of its own, behind more headers than Node keeps by default', async () => {
    const lines = ['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-For: 198.51.100.1']
    const many = Array.from({ length: 2_100 }, () => 'a:')
    expect(await counted(['127.0.0.1'], ...many, ...lines)).toEqual(['198.51.100.1'])
  })
})

describe('a body that is too large', () => {
  const put = (headers: string) =>
    `PUT ${SETTINGS} HTTP/1.1\r\nHost: mail.example.com\r\n${headers}\r\n\r\n`
  const json = 'Content-Type: application/json'
  const part = new Uint8Array(64 * 1024).fill(0x20)
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), part, Buffer.from('\r\n')])

  /** Parts of the larger body, of 25 or 100 MB. */
  const LARGE = full ? 1600 : 400

  /** Sends everything before it reads, as Python's http.client does. */
  async function sendAll(port: number, head: string, piece: Uint8Array, pieces: number, end = '') {
    const connection = await openRaw(port)
    connection.socket.pause()
    await connection.send(head)
    for (let sent = 0; sent < pieces; sent += 1) await connection.send(piece)
    await connection.send(end)
    expect(connection.socket.errored).toBeNull()
    connection.socket.resume()
    return connection
  }

  it.each([
    ['3 MB', 48, 'keep-alive'],
    ['3 MB', 48, 'close'],
    [`${LARGE / 16} MB`, LARGE, 'keep-alive'],
    [`${LARGE / 16} MB`, LARGE, 'close'],
  ])(
    'of %s gets its 413 although the client reads last (%s parts, %s)',
    async (_name, parts, then) => {
      await using server = await startInProcess()
      const fixed = `${json}\r\nContent-Length: ${parts * part.length}\r\nConnection: ${then}`
      const chunked = `${json}\r\nTransfer-Encoding: chunked\r\nConnection: ${then}`
      for (const connection of [
        await sendAll(server.port, put(fixed), part, parts),
        await sendAll(server.port, put(chunked), chunk, parts, '0\r\n\r\n'),
      ]) {
        const response = await connection.until(/\}$/)
        expect(statusesIn(response)).toEqual([413])
        expect(problemIn(response)).toMatchObject({ code: 'payload_too_large' })
        if (then === 'close') await connection.closed()
        else {
          // The connection can be used again.
          await connection.send(get('/healthz', 'mail.example.com'))
          expect(statusesIn(await connection.closed())).toEqual([413, 200])
        }
      }
    },
  )

  it('gets its 413 with Expect: 100-continue', async () => {
    await using server = await startInProcess()
    const head = put(`${json}\r\nContent-Length: ${48 * part.length}\r\nExpect: 100-continue`)
    const connection = await openRaw(server.port)
    await connection.send(head)
    await connection.until(/HTTP\/1\.1 \d+/)
    for (let sent = 0; sent < 48; sent += 1) await connection.send(part)
    expect(statusesIn(await connection.until(/\}$/)).at(-1)).toBe(413)
    connection.socket.destroy()
  })

  it('is discarded no longer than a request may take', async () => {
    const limits = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 }
    await using server = await startInProcess({ limits })
    const connection = await openRaw(server.port)
    await connection.send(put(`${json}\r\nContent-Length: 3000000`))
    expect(statusesIn(await connection.closed())[0]).toBe(413)
  })
})

describe('a client that is too slow', () => {
  const limits = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 }

  it.each([
    ['no request', ''],
    ['half of the headers', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
    [
      'half of a body',
      `PUT ${SETTINGS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
    ],
  ])('loses its connection with 408 after %s', async (_name, sent) => {
    await using server = await startInProcess({ limits })
    expect(statusesIn(await sendRaw(server.port, sent))).toEqual([408])
  })

  it('does not keep a healthy one out, with hundreds of connections', async () => {
    await using server = await startInProcess({ connections: { waiting: 100, graceMs: 20 } })
    const half = 'POST /v1/grants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{'
    const attacks = ['', 'GET / HTTP/1.1\r\nX-Slow: ', half, 'GET /healthz HTTP/1.1\r\n']
    const slow = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const connection = await openRaw(server.port)
        await connection.send(attacks[index % attacks.length] ?? '')
        return connection
      }),
    )
    expect(await sendRaw(server.port, get('/healthz', 'localhost'))).toMatch(/ 200 /)
    const open = () => slow.filter(({ socket }) => !socket.destroyed).length
    await expect.poll(open).toBeLessThanOrEqual(100)
    for (const { socket } of slow) socket.destroy()
  })

  it('does not keep a healthy one out by not reading its responses', async () => {
    const connections = { waiting: 5, graceMs: 20 }
    await using server = await startInProcess({ connections })
    const page = 'GET /openapi.json HTTP/1.1\r\nHost: mail.example.com\r\n\r\n'
    const slow = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const connection = await openRaw(server.port)
        connection.socket.pause()
        await connection.send(page.repeat(4))
        return connection
      }),
    )
    const healthy = await sendRaw(server.port, get('/healthz', 'localhost'))
    const open = () =>
      new Promise<number>((resolve) =>
        server.server.getConnections((_error, count) => resolve(count)),
      )
    expect(healthy).toMatch(/ 200 /)
    await expect.poll(open).toBeLessThanOrEqual(6)
    for (const { socket } of slow) socket.destroy()
  })
})

describe('more callers than the server can serve', () => {
  it('all get a response, also those whose requests were not read yet', async () => {
    await using server = await startInProcess({ connections: { waiting: 10, graceMs: 20 } })
    const responses = await Promise.all(
      Array.from({ length: 200 }, () => sendRaw(server.port, get('/healthz', 'localhost'))),
    )
    expect(responses.flatMap(statusesIn)).toEqual(responses.map(() => 200))
  })

  it('get 503 with Retry-After and a problem', async () => {
    const released = Promise.withResolvers<boolean>()
    const counted: string[] = []
    await using server = await startInProcess({
      connections: { requests: 2 },
      outside: {
        withinRate(_name, key) {
          counted.push(key)
          return released.promise
        },
      },
    })
    const headers = { authorization: 'Bearer mg_bad' }
    const call = () => fetch(`${server.url}/v1/grants`, { headers })
    const running = [call(), call()]
    await expect.poll(() => counted.length).toBe(2)
    // A slow body does not count as a running request.
    const slow = await openRaw(server.port)
    await slow.send(`PUT ${SETTINGS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n`)
    const refused = await call()
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await refused.json()).toMatchObject({
      code: 'overloaded',
      instance: '/v1/grants',
      request_id: refused.headers.get('x-request-id'),
    })
    expect(server.lines.at(-1)).toContain('"code":"overloaded"')
    // Otherwise, an orchestrator would restart the process.
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    released.resolve(true)
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([401, 401])
    expect((await call()).status).toBe(401)
    slow.socket.destroy()
  })
})

describe("what Node's parser refuses", () => {
  const start = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'
  const post = 'POST /v1/grants HTTP/1.1\r\nHost: localhost\r\n'

  it('is 431 for headers over 16 KiB', async () => {
    await using server = await startInProcess()
    const large = `${start}Cookie: ${'c'.repeat(16 * 1024)}\r\n\r\n`
    expect(statusesIn(await sendRaw(server.port, large))).toEqual([431])
  })

  it('is 431 for a URL over 16 KiB, and a URL of 15 KiB passes', async () => {
    await using server = await startInProcess()
    const at = (length: number) =>
      sendRaw(server.port, get(`/healthz?${'q'.repeat(length)}`, 'localhost'))
    expect(await at(17 * 1024)).toMatch(/ 431 /)
    expect(await at(15 * 1024)).toMatch(/ 200 /)
  })

  it.each([
    ['two lengths', `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    [
      'length and chunks',
      `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunks that are not last', `${post}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
    ['a chunk size that is none', `${post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    ['a space before a colon', `${start}Content-Length : 5\r\n\r\n`],
    ['a folded header', `${start}X-A: 1\r\n 2\r\n\r\n`],
    ['a bare line feed', 'GET /healthz HTTP/1.1\nHost: localhost\n\n'],
    ['a NUL in a header', `${start}X-A: a\0b\r\n\r\n`],
    ['an unknown method', 'FROB / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['another protocol', 'EHLO mail.example.com\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('is 400 for %s', async (_name, data) => {
    await using server = await startInProcess()
    expect(statusesIn(await sendRaw(server.port, data))).toEqual([400])
  })

  it('leaves no connection open to a client that goes on sending', async () => {
    await using server = await startInProcess()
    const connection = await openRaw(server.port)
    await connection.send('FROB\r\n')
    const more = setInterval(() => connection.socket.write('more'), 5)
    expect(statusesIn(await connection.closed())).toEqual([400])
    clearInterval(more)
  })
})

it('serves a request with an expectation that it does not know, and logs it', async () => {
  await using server = await startInProcess()
  const response = await sendRaw(server.port, get('/healthz', 'localhost', 'Expect: tea'))
  expect(response).toMatch(/^HTTP\/1\.1 200 /)
  const [, id = 'none'] = /x-request-id: (\S+)/i.exec(response) ?? []
  expect(server.lines.at(-1)).toContain(id)
})

describe('several requests on one connection', () => {
  it('end it with the fifth response that is not sent to the end', async () => {
    await using server = await startInProcess()
    const one = 'GET /openapi.json HTTP/1.1\r\nHost: mail.example.com\r\n\r\n'
    for (const expectation of ['', 'Expect: 100-continue\r\n', 'Expect: tea\r\n']) {
      const greedy = await openRaw(server.port)
      greedy.socket.pause()
      await greedy.send(one.replace('\r\n', `\r\n${expectation}`).repeat(700))
      greedy.socket.resume()
      await greedy.closed()
    }
    const served = server.lines.filter((line) => line.includes('"route":"/openapi.json"'))
    expect(served.length).toBeLessThanOrEqual(3 * 4)
    // The four that began do not keep the server from closing.
    await server.close()
  })

  it('are answered in order when they are sent at once', async () => {
    await using server = await startInProcess()
    const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    const host = `localhost:${server.port}`
    const all = one('/healthz') + one('/') + one('/readyz') + get('/none', host)
    expect(statusesIn(await sendRaw(server.port, all))).toEqual([200, 421, 200, 404])
  })

  it('are not answered once the client has closed its side', async () => {
    await using server = await startInProcess()
    const connection = await openRaw(server.port)
    await connection.send('GET /healthz HTTP/1.1\r\nHost: loc')
    connection.socket.end()
    expect(statusesIn(await connection.closed())).not.toContain(200)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it('go on after a client that vanished in the middle of a body, which is no internal error', async () => {
    await using server = await startInProcess()
    const connection = await openRaw(server.port)
    const head = `PUT ${SETTINGS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n`
    await connection.send(`${head}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`)
    await connection.send(' ')
    connection.socket.resetAndDestroy()
    await connection.closed()
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    await server.close()
    expect(server.lines.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })
})

it('observes how long requests take by status, with 499 if the client leaves', async () => {
  const registry = new Registry()
  const counting = Promise.withResolvers<void>()
  const counted = Promise.withResolvers<boolean>()
  await using server = await startInProcess({
    connections: { requests: 1 },
    observeResponse: createRequestMetrics(registry),
    outside: {
      withinRate() {
        counting.resolve()
        return counted.promise
      },
    },
  })
  const counts = async () =>
    parseMetrics(await registry.metrics())
      .series.filter(({ name }) => name === 'mailgrant_http_request_duration_seconds_count')
      .map(({ labels, value }) => [labels.status, value])
  await sendRaw(server.port, get('/console/', 'evil.example'))
  const waiting = await openRaw(server.port)
  await waiting.send(
    'GET /v1/grants HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer mg_bad\r\n\r\n',
  )
  await counting.promise
  await sendRaw(server.port, get('/openapi.json', 'localhost'))
  expect(await counts()).toEqual([
    ['200', 0],
    ['500', 0],
    ['503', 1],
    ['421', 1],
  ])
  waiting.socket.destroy()
  await expect.poll(counts).toContainEqual(['499', 1])
  counted.resolve(true)
})

describe('closing the server', () => {
  /** A server with a request that runs until `end` is called. */
  async function startBusy() {
    const counting = Promise.withResolvers<void>()
    const counted = Promise.withResolvers<boolean>()
    const withinRate = () => {
      counting.resolve()
      return counted.promise
    }
    const server = await startInProcess({ outside: { withinRate } })
    const running = fetch(`${server.url}/v1/grants`, { headers: { authorization: 'Bearer bad' } })
    await counting.promise
    return { server, running, end: () => counted.resolve(true) }
  }
  const healthz = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'

  it('ends each connection with one more response, and waits for the request that runs', async () => {
    const { server, running, end } = await startBusy()
    await using _server = server
    const idle = await openRaw(server.port)
    await idle.send(healthz)
    await idle.until(/ok/)
    const half = await openRaw(server.port)
    await half.send(healthz.slice(0, 30))
    const silent = await openRaw(server.port)

    let closed = false
    const closing = server.close().then(() => {
      closed = true
    })
    await Promise.all([idle.send(healthz), half.send(healthz.slice(30))])
    expect(await idle.closed()).toMatch(
      /200 OK[\s\S]*keep-alive[\s\S]*200 OK[\s\S]*connection: close/i,
    )
    expect(await half.closed()).toMatch(/200 OK[\s\S]*connection: close/i)
    expect(closed).toBe(false)
    await expect(openRaw(server.port)).rejects.toThrow('ECONNREFUSED')
    end()
    const response = await running
    expect(response.status).toBe(401)
    expect(response.headers.get('connection')).toBe('close')
    expect(await silent.closed()).toBe('')
    await closing
    expect(await response.json()).toMatchObject({ code: 'unauthorized' })
  })

  it('responds to those who have connected although it has not accepted them yet', async () => {
    await using server = await startInProcess()
    const connecting = Array.from({ length: 20 }, () => openRaw(server.port))
    await Promise.all([server.close(), ...connecting.map(async (one) => (await one).send(healthz))])
    const responses = connecting.map(async (one) => statusesIn(await (await one).closed()))
    expect(await Promise.all(responses)).toEqual(Array(20).fill([200]))
  })
})
