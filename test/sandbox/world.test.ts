import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { plainHttp } from './plain-http.ts'
import { startWorld } from './world.ts'

it('stops at once despite a slow token response and an idle connection', async () => {
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
