import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { ExtraServersSetting } from '../../schema/settings.ts'
import { createBrowser } from './browser.ts'
import { AUTHORITY, authorizeUrl } from './entra/test-client.ts'
import { plainHttp } from './plain-http.ts'
import { startWorld } from './world.ts'

/** Returns true if a server listens on this port. */
const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

it('starts five servers on free ports and leaves no port or file behind', async () => {
  const world = await startWorld()
  const ports = Object.values(world.ports)
  expect(new Set(ports).size).toBe(5)
  expect(await Promise.all(ports.map(isOpen))).toEqual([true, true, true, true, true])
  await world.stop()
  await world.stop()
  expect(await Promise.all(ports.map(isOpen))).toEqual([false, false, false, false, false])
  expect(existsSync(world.caFile)).toBe(false)
})

it('stops at once despite a slow token answer and an idle connection', async () => {
  const world = await startWorld()
  world.entra.control.faultNext({ kind: 'slow', delay_ms: 600_000 })
  const slow = plainHttp(`${world.entraUrl}/common/oauth2/v2.0/token`, { method: 'POST', body: '' })
  const silent = connect(world.ports.imapTls, '127.0.0.1')
  const cut = new Promise((resolve) => silent.once('close', resolve))
  silent.on('error', () => {})
  const end = slow.catch((error: NodeJS.ErrnoException) => error.code)
  // The counter increases when the request has arrived, so the stop interrupts it.
  await expect.poll(() => world.entra.counts().token.other).toBe(1)
  await world.stop()
  expect(await end).toBe('ECONNRESET')
  await cut
})

it('stops what it has started when a port is in use', async () => {
  const first = await startWorld()
  onTestFinished(first.stop)
  const second = startWorld({ ports: { smtpTls: first.ports.smtpTls } })
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('serves certificates for localhost that only its own CA makes trusted', async () => {
  const world = await startWorld()
  onTestFinished(world.stop)
  const handshake = (ca?: string) =>
    new Promise<string>((resolve) => {
      const socket = connectTls({
        host: 'localhost',
        port: world.ports.imapTls,
        ...(ca === undefined ? {} : { ca }),
      })
      socket.once('secureConnect', () => {
        socket.destroy()
        resolve('trusted')
      })
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    })
  expect(await handshake(readFileSync(world.caFile, 'utf8'))).toBe('trusted')
  expect(await handshake()).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/)
})

it('lists its mail servers in the format of the setting', async () => {
  const world = await startWorld()
  onTestFinished(world.stop)
  expect(ExtraServersSetting.parse(world.extraMailHosts)).toHaveLength(4)
})

it('lets a browser sign in over HTTP up to the redirect back to the app', async () => {
  const world = await startWorld({ publicUrl: 'http://localhost:8787' })
  onTestFinished(world.stop)
  const browser = createBrowser({ fetch: plainHttp })
  const picker = await browser.visit(authorizeUrl().replace(AUTHORITY, world.entraUrl))
  const consent = await browser.submit(picker, { account: 'alice@contoso.test' })
  expect(consent.title).toBe('Permissions requested')
  const end = await browser.submit(
    consent,
    { decision: 'accept' },
    { stopBefore: (url) => url.port === '8787' },
  )
  const back = new URL(end.headers.get('location') ?? '')
  expect(back.searchParams.get('code')).toMatch(/^1\./)
})
