import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { ExtraServersSetting } from '../../schema/settings.ts'
import { createBrowser } from './browser.ts'
import { AUTHORITY, authorizeUrl } from './entra/test-client.ts'
import { plainHttp } from './plain-http.ts'
import { startWorld } from './world.ts'

/** Whether something listens there. */
const isOpen = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

it('starts five servers on free ports and leaves none of them, nor its files, behind', async () => {
  const world = await startWorld()
  const ports = Object.values(world.ports)
  expect(new Set(ports).size).toBe(5)
  expect(await Promise.all(ports.map(isOpen))).toEqual([true, true, true, true, true])
  await world.stop()
  await world.stop()
  expect(await Promise.all(ports.map(isOpen))).toEqual([false, false, false, false, false])
  expect(existsSync(world.caFile)).toBe(false)
})

it('stops at once while a slow token answer and a silent connection are still open', async () => {
  const world = await startWorld()
  world.entra.control.faultNext({ kind: 'slow', delay_ms: 600_000 })
  const slow = plainHttp(`${world.entraUrl}/common/oauth2/v2.0/token`, { method: 'POST', body: '' })
  const silent = connect(world.ports.imapTls, '127.0.0.1')
  const cut = new Promise((resolve) => silent.once('close', resolve))
  silent.on('error', () => {})
  const end = slow.catch((error: NodeJS.ErrnoException) => error.code)
  // The counter moves when the request has arrived, so the stop comes in the middle of it.
  await expect.poll(() => world.entra.counts().token.other).toBe(1)
  await world.stop()
  expect(await end).toBe('ECONNRESET')
  await cut
})

it('frees what had started when a port is taken', async () => {
  const first = await startWorld()
  onTestFinished(first.stop)
  const taken = startWorld({ ports: { smtpTls: first.ports.smtpTls } })
  await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('serves certificates for localhost that only its own CA vouches for', async () => {
  const world = await startWorld()
  onTestFinished(world.stop)
  const shake = (ca?: string) =>
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
  expect(await shake(readFileSync(world.caFile, 'utf8'))).toBe('trusted')
  expect(await shake()).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/)
})

it('names its mail servers in the grammar of the settings', async () => {
  const world = await startWorld()
  onTestFinished(world.stop)
  expect(ExtraServersSetting.parse(world.extraMailHosts)).toHaveLength(4)
})

it('lets a browser sign in over HTTP, through the pages, up to the redirect back', async () => {
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
