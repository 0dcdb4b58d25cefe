/** Runs the mail worker of the guide that uses curl. Those in other languages: ../workers.test.ts. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { serveHttp } from '../../sandbox/http-server.ts'
import { createTemporaryFolder } from '../cleanup.ts'
import { type Mailbox, type Rig, startExchangeRig } from '../mail-programs/rig.ts'
import { codeOf, createWorkshop, type Workshop } from './programs.ts'

let rig: Rig
let workshop: Workshop
let mailbox: Mailbox
let key: string
let origin: string
beforeAll(async () => {
  rig = await startExchangeRig()
  origin = `http://localhost:${rig.ports.api}`
  const { path, remove } = await createTemporaryFolder()
  await writeFile(join(path, 'ca.pem'), rig.ca)
  const created = await createWorkshop(join(path, 'ca.pem'))
  workshop = {
    ...created,
    remove: async () => void (await Promise.all([remove(), created.remove()])),
  }
})
afterAll(async () => {
  await workshop?.remove()
  await rig?.stop()
})

/** Creates a key for a mailbox. */
async function useMailbox(connected: Mailbox): Promise<void> {
  mailbox = connected
  const created = await rig.api.expect(201, 'POST', '/v1/api-keys', {
    name: 'Mail worker',
    scopes: ['tokens'],
    mail_accounts: [mailbox.id],
  })
  key = String(created.key)
}

describe('the mail worker with curl', () => {
  beforeEach(async () => useMailbox(await rig.connect()))

  const run = async (from = origin) => {
    const env = { MAILGRANT_URL: from, MAILGRANT_ACCOUNT: mailbox.id }
    const outcome = await workshop.run('sh', await codeOf('mail-worker', 'sh'), { key, env })
    expect(outcome.output).not.toContain(key)
    return outcome
  }

  it('logs in and counts the messages', async () => {
    const { exitCode, output } = await run()
    expect(output).toContain('(MESSAGES 3)')
    expect(exitCode).toBe(0)
  })

  it('has a token replaced that the server refuses', async () => {
    await rig.rejectToken(mailbox)
    const { exitCode, output } = await run()
    expect(output).toContain('(MESSAGES 3)')
    expect(exitCode).toBe(0)
  })

  it('fails after one more token if that is not the cause', async () => {
    await useMailbox(await rig.connectRefused('read'))
    expect((await run()).exitCode).not.toBe(0)
  })

  it('says why there is no token', async () => {
    await rig.endSignIn(mailbox)
    const { exitCode, output } = await run()
    expect(output).toContain('reconnect_required')
    expect(exitCode).not.toBe(0)
  })

  it('waits as long as Retry-After says', async () => {
    const askedAt: number[] = []
    const server = await serveHttp(async () => {
      askedAt.push(Date.now())
      return askedAt.length === 1
        ? Response.json(
            { code: 'provider_unavailable' },
            { status: 503, headers: { 'retry-after': '2' } },
          )
        : Response.json({ code: 'not_oauth', detail: 'No OAuth.' }, { status: 409 })
    })
    onTestFinished(server.stop)
    const { exitCode, output } = await run(server.url)
    const [first = 0, second = 0, ...others] = askedAt
    expect(second - first).toBeGreaterThan(1900)
    expect(others).toEqual([])
    expect(output).toContain('not_oauth')
    expect(exitCode).not.toBe(0)
  })
})
