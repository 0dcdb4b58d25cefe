import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { postForm } from '../../../api/entra/http.ts'
import type { Log } from '../../../api/log.ts'
import {
  createOutboundHttp,
  type Lookup,
  type OutboundHttpOptions,
} from '../../../api/node/outbound-http.ts'
import { isPublicAddress } from '../../../checker/dial.ts'
import { certificates, HOST } from '../../checker/hostile/certificates.ts'
import { NOT_PUBLIC } from '../../checker/hostile/hosts.ts'
import type { Certificate } from '../../sandbox/mail/certificates.ts'
import { startConnectProxy } from './connect-proxy.ts'

beforeAll(async () => {
  const { authorities } = await certificates()
  setDefaultCACertificates([...getCACertificates('default'), ...authorities])
})

const entry = (address: string) => ({ address, family: address.includes(':') ? 6 : 4 })

/** A resolver that returns the next of these responses each time, and the last one from then on. */
function resolver(...responses: string[][]): Lookup & { names: string[] } {
  const names: string[] = []
  const lookup = async (name: string) => {
    names.push(name)
    return (responses[Math.min(names.length, responses.length) - 1] ?? []).map(entry)
  }
  return Object.assign(lookup, { names })
}

/** The loopback address that counts as public here, since a test can listen on no other. */
const PUBLIC = '127.0.0.1'

function create(options: Partial<OutboundHttpOptions> = {}) {
  const logged: Parameters<Log>[] = []
  const outgoing = createOutboundHttp({
    log: (...line) => void logged.push(line),
    privateHosts: [],
    httpsProxy: null,
    noProxy: [],
    lookup: resolver([PUBLIC]),
    isPublic: (address) => address === PUBLIC,
    ...options,
  })
  onTestFinished(outgoing.close)
  return { ...outgoing, logged }
}

/** Starts a server on loopback. Without `pair` it speaks plain HTTP. */
async function listen(
  respond: RequestListener = (_request, response) => response.end('received'),
  pair?: { key: string; cert: string },
) {
  const received: { host: string | undefined; servername: string | undefined }[] = []
  const listener: RequestListener = (request, response) => {
    const { servername } = request.socket as { servername?: string }
    received.push({ host: request.headers.host, servername })
    respond(request, response)
  }
  const server = pair ? createHttpsServer(pair, listener) : createHttpServer(listener)
  await new Promise<void>((resolve) => server.listen(0, PUBLIC, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, received }
}

const listenTls = async (name: 'good' | 'otherName' = 'good', respond?: RequestListener) =>
  listen(respond, (await certificates())[name])

async function proxy(status?: number) {
  const started = await startConnectProxy(status)
  onTestFinished(started.stop)
  return started
}

const refusal = (request: Promise<Response>) =>
  request.then(
    () => null,
    (error) => error.why ?? error,
  )

const PRIVATE = { reason: 'private_address' }
const post = { method: 'POST', body: '{}' }

describe('a webhook', () => {
  it('is sent over TLS to the address that its host was resolved to', async () => {
    const { port, received } = await listenTls()
    const lookup = resolver([PUBLIC])
    const response = await create({ lookup }).fetchWebhook(`https://${HOST}:${port}/hook`, post)
    expect([response.status, await response.text()]).toEqual([200, 'received'])
    expect(received).toEqual([{ host: `${HOST}:${port}`, servername: HOST }])
    expect(lookup.names).toEqual([HOST])
  })

  it.each(NOT_PUBLIC)('is not sent to a host that resolves to %s', async (address) => {
    const { fetchWebhook } = create({ isPublic: isPublicAddress, lookup: resolver([address]) })
    expect(await refusal(fetchWebhook('https://a.example/', post))).toEqual(PRIVATE)
  })

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.0.0.1.',
    '10.0.0.1',
    '169.254.169.254',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a00:1]',
  ])('is not sent to %s, which needs no resolution', async (host) => {
    const { port, received } = await listen()
    const { fetchWebhook } = create({ isPublic: () => false, lookup: resolver([PUBLIC]) })
    expect(await refusal(fetchWebhook(`http://${host}:${port}/`, post))).toEqual(PRIVATE)
    expect(received).toEqual([])
  })

  it('is refused when one of several addresses is private', async () => {
    const { port, received } = await listen()
    const { fetchWebhook } = create({ lookup: resolver([PUBLIC, '10.0.0.1']) })
    expect(await refusal(fetchWebhook(`http://a.example:${port}/`, post))).toEqual(PRIVATE)
    expect(received).toEqual([])
  })

  it('is refused on a new connection once the name leads inside', async () => {
    const { port, received } = await listen((_request, response) =>
      response.setHeader('connection', 'close').end(),
    )
    const { fetchWebhook } = create({ lookup: resolver([PUBLIC], ['10.0.0.1']) })
    const url = `http://a.example:${port}/`
    await (await fetchWebhook(url, post)).text()
    expect(await refusal(fetchWebhook(url, post))).toEqual(PRIVATE)
    expect(received).toHaveLength(1)
  })

  it('follows no redirect, even if the caller asks for it', async () => {
    const inside = await listen()
    const location = `http://127.0.0.1:${inside.port}/`
    const { port } = await listen((_request, response) =>
      response.writeHead(307, { location }).end(),
    )
    const { fetch, fetchWebhook } = create()
    for (const send of [fetch, fetchWebhook]) {
      const response = await send(`http://127.0.0.1:${port}/`, { ...post, redirect: 'follow' })
      expect(response.status).toBe(307)
    }
    expect(inside.received).toEqual([])
  })

  it.each([
    ['printer', 'printer'],
    ['printer', 'PRINTER.'],
    ['127.0.0.1', '127.1'],
  ])('reaches %s, which the operator names, on any port and without TLS', async (named, host) => {
    const { port, received } = await listen()
    const { fetchWebhook } = create({ privateHosts: [named], isPublic: () => false })
    expect((await fetchWebhook(`http://${host}:${port}/`, post)).status).toBe(200)
    expect(received).toHaveLength(1)
  })

  it('does not reach a subdomain of a named host', async () => {
    const { fetchWebhook } = create({
      privateHosts: ['lan.example'],
      lookup: resolver(['10.0.0.1']),
    })
    expect(await refusal(fetchWebhook('https://a.lan.example/', post))).toEqual(PRIVATE)
  })

  it('fails when its certificate is for another name', async () => {
    const { port, received } = await listenTls('otherName')
    const error = await refusal(create().fetchWebhook(`https://${HOST}:${port}/`, post))
    expect(error.cause.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(received).toEqual([])
  })

  it('fails when the port is closed', async () => {
    const { port, stop } = await startConnectProxy()
    await stop()
    const error = await refusal(create().fetchWebhook(`http://a.example:${port}/`, post))
    expect(error.cause.code).toBe('ECONNREFUSED')
  })

  it('fails when the host has no address', async () => {
    const { fetchWebhook } = create({ lookup: resolver([]) })
    const error = await refusal(fetchWebhook('https://a.example/', post))
    expect(error.cause.message).toBe('the host has no address')
  })

  it.each([
    ['without a proxy', null],
    ['behind a proxy', 'http://127.0.0.1:1'],
  ])('fails in time when the name server hangs, %s', async (_title, httpsProxy) => {
    const lookup = () => new Promise<never>(() => {})
    const { fetchWebhook } = create({ lookup, httpsProxy, connectTimeoutMs: 20 })
    expect(await refusal(fetchWebhook('https://a.example/', post))).toBeInstanceOf(TypeError)
  })

  it('rejects with the reason of an aborted signal', async () => {
    const asked = Promise.withResolvers<void>()
    const { port } = await listen(() => asked.resolve())
    const controller = new AbortController()
    const { signal } = controller
    const sent = create().fetchWebhook(`http://a.example:${port}/`, { ...post, signal })
    await asked.promise
    controller.abort(new DOMException('', 'TimeoutError'))
    await expect(sent).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

describe('a webhook behind a proxy', () => {
  it('reaches its receiver by the address that was judged, with TLS for its name', async () => {
    const { port, received } = await listenTls()
    const { url, requests } = await proxy()
    const { fetchWebhook } = create({
      httpsProxy: url,
      lookup: resolver(['::1', PUBLIC]),
      isPublic: () => true,
    })
    const response = await fetchWebhook(`https://${HOST}:${port}/`, post)
    expect(response.status).toBe(200)
    expect(requests).toMatchObject([{ target: `${PUBLIC}:${port}`, host: `${PUBLIC}:${port}` }])
    expect(received).toEqual([{ host: `${HOST}:${port}`, servername: HOST }])
  })

  it('has an IPv6 address in brackets', async () => {
    const { url, requests } = await proxy(502)
    const { fetchWebhook } = create({
      httpsProxy: url,
      lookup: resolver(['2a00::1']),
      isPublic: () => true,
    })
    await refusal(fetchWebhook('https://a.example/', post))
    expect(requests).toMatchObject([{ target: '[2a00::1]:443' }])
  })

  it('is refused when the name resolves to a private address here', async () => {
    const { url, requests } = await proxy()
    const { fetchWebhook } = create({ httpsProxy: url, lookup: resolver(['10.0.0.1']) })
    expect(await refusal(fetchWebhook(`https://${HOST}/`, post))).toEqual(PRIVATE)
    expect(requests).toEqual([])
  })

  it('is refused when the name leads inside on the second look-up', async () => {
    const { port } = await listenTls('good', (_request, response) =>
      response.setHeader('connection', 'close').end(),
    )
    const { url, requests } = await proxy()
    const { fetchWebhook } = create({ httpsProxy: url, lookup: resolver([PUBLIC], ['10.0.0.1']) })
    await (await fetchWebhook(`https://${HOST}:${port}/`, post)).text()
    expect(await refusal(fetchWebhook(`https://${HOST}:${port}/`, post))).toEqual(PRIVATE)
    expect(requests).toHaveLength(1)
  })

  it('is requested by name if the operator has listed the host', async () => {
    const { port } = await listenTls()
    const { url, requests } = await proxy()
    const lookup = resolver(['10.0.0.1'])
    const { fetchWebhook } = create({ httpsProxy: url, privateHosts: [HOST], lookup })
    expect((await fetchWebhook(`https://${HOST}:${port}/`, post)).status).toBe(200)
    expect(requests).toMatchObject([{ target: `${HOST}:${port}` }])
    expect(lookup.names).toEqual([])
  })

  it.each([HOST, '.test', '*'])('goes around it with NO_PROXY=%s', async (noProxy) => {
    const { port, received } = await listenTls()
    const { url, requests } = await proxy()
    const { fetchWebhook } = create({ httpsProxy: url, noProxy: ['a.example', noProxy] })
    expect((await fetchWebhook(`https://${HOST}:${port}/`, post)).status).toBe(200)
    expect([requests, received.length]).toEqual([[], 1])
  })

  it('is judged without the proxy, too', async () => {
    const { url } = await proxy()
    const { fetchWebhook } = create({
      httpsProxy: url,
      noProxy: ['*'],
      lookup: resolver(['10.0.0.1']),
    })
    expect(await refusal(fetchWebhook(`https://${HOST}/`, post))).toEqual(PRIVATE)
  })

  it.each([403, 407, 503])(
    'fails with the status when the proxy responds with %d',
    async (status) => {
      const { url, requests } = await proxy(status)
      const { fetchWebhook } = create({ httpsProxy: url })
      const why = await refusal(fetchWebhook(`https://${HOST}/`, post))
      expect(why).toEqual({ reason: 'proxy_refused', status })
      expect(requests).toHaveLength(1)
    },
  )

  it('fails when nothing listens at the address of the proxy', async () => {
    const { fetchWebhook } = create({ httpsProxy: 'http://127.0.0.1:1' })
    const error = await refusal(fetchWebhook(`https://${HOST}/`, post))
    expect([error.cause.code, error.cause.cause.code]).toEqual([
      'PROXY_UNREACHABLE',
      'ECONNREFUSED',
    ])
  })

  it('fails when the certificate at the end of the tunnel is for another name', async () => {
    const { port, received } = await listenTls('otherName')
    const { url } = await proxy()
    const { fetchWebhook } = create({ httpsProxy: url })
    expect(await refusal(fetchWebhook(`https://${HOST}:${port}/`, post))).toBeInstanceOf(TypeError)
    expect(received).toEqual([])
  })
})

describe("a call to an address of the operator's choice", () => {
  it('may reach private addresses', async () => {
    const { port } = await listen()
    const { fetch } = create({ isPublic: () => false })
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
  })

  it('asks the proxy for the name, with the credentials of the URL', async () => {
    const { port } = await listenTls()
    const { url, requests } = await proxy()
    const httpsProxy = url.replace('//', '//user:p%40ss@')
    const { fetch } = create({ httpsProxy })
    expect((await fetch(`https://${HOST}:${port}/`)).status).toBe(200)
    const credentials = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    expect(requests).toEqual([{ target: `${HOST}:${port}`, host: `${HOST}:${port}`, credentials }])
  })

  it('uses no proxy for http, which stays on the own network', async () => {
    const { port } = await listen()
    const { url, requests } = await proxy()
    const { fetch } = create({ httpsProxy: url })
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
    expect(requests).toEqual([])
  })

  it('takes no proxy from the environment of the process', async () => {
    const { port } = await listenTls('good')
    const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']
    const before = names.map((name) => process.env[name])
    for (const name of names) process.env[name] = 'http://127.0.0.1:1'
    try {
      const { fetch, fetchWebhook } = create()
      await expect(fetch(`https://localhost:${port}/`)).rejects.toMatchObject({
        cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      })
      expect((await fetchWebhook(`https://${HOST}:${port}/`, post)).status).toBe(200)
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) delete process.env[name]
        else process.env[name] = before[index]
      })
    }
  })

  it('logs the status of a proxy that refuses, without its URL', async () => {
    const { url } = await proxy(407)
    const { fetch, logged } = create({ httpsProxy: url.replace('//', '//user:canary@') })
    const error = await refusal(fetch(`https://${HOST}/`))
    expect(error).toBeInstanceOf(TypeError)
    expect(logged).toEqual([['error', 'proxy_refused', { status: 407 }]])
    expect(JSON.stringify([logged, error, error.cause])).not.toContain('canary')
  })
})

describe('a request to Microsoft that gets no response', () => {
  const CLOSED = 2
  const tls = async (name: keyof Awaited<ReturnType<typeof certificates>>) =>
    (await listen(undefined, (await certificates())[name] as Certificate)).port
  const behind = async (status?: number) => ({ httpsProxy: (await proxy(status)).url })

  it.each<[string, string, () => Promise<number>, () => Promise<Partial<OutboundHttpOptions>>]>([
    ['a closed port', 'ECONNREFUSED', async () => CLOSED, async () => ({})],
    [
      'an unknown authority',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      () => tls('untrusted'),
      async () => ({}),
    ],
    [
      'a certificate that signed itself',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      () => tls('selfSigned'),
      async () => ({}),
    ],
    [
      'a certificate for another name',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      () => tls('good'),
      async () => ({}),
    ],
    ['an expired certificate', 'CERT_HAS_EXPIRED', () => tls('expired'), async () => ({})],
    ['a proxy that opens TLS', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', () => tls('untrusted'), behind],
    [
      'a wrong certificate behind a proxy',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      () => tls('good'),
      behind,
    ],
    ['a proxy that refuses', 'PROXY_REFUSED', async () => CLOSED, () => behind(407)],
    [
      'a dead proxy',
      'PROXY_UNREACHABLE',
      async () => CLOSED,
      async () => ({ httpsProxy: 'http://user:canary@127.0.0.1:1' }),
    ],
  ])('keeps the host and the reason, and nothing else: %s', async (_, code, port, options) => {
    const host = `localhost:${await port()}`
    const { fetch } = create(await options())
    const form = new URLSearchParams({ client_secret: 'canary' })
    const result = await postForm({ fetch }, `https://${host}/canary?canary=canary`, form)
    expect(result).toEqual({ ok: false, failure: { kind: 'unreachable', host, code } })
  })
})
