/** Runs the program of the guide that moves mailboxes from another product. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Api } from '../../journeys/api.ts'
import type { Demo } from '../../sandbox/demo/launch.ts'
import { startConfiguredDemo } from '../configured-demo.ts'
import { codeOf, createWorkshop, type Workshop } from './programs.ts'

let demo: Demo
let api: Api
let workshop: Workshop
beforeAll(async () => {
  ;({ demo, api } = await startConfiguredDemo('checker', 'third-party'))
  workshop = await createWorkshop()
})
afterAll(async () => {
  await workshop?.remove()
  await demo?.stop()
})

it('saves accounts to read and send for each token that Microsoft accepts, reports the others, and can be repeated', async () => {
  const { key } = await api.expect(201, 'POST', '/v1/api-keys', { name: 'Move', scopes: ['write'] })
  const tokenOf = (username: string) => demo.world.entra.control.signInElsewhere({ username })
  const tokens = ['alice@contoso.test', 'frank@contoso.test', 'alice@contoso.test'].map(tokenOf)
  const [alice, frank, shared] = tokens
  const rows = [
    `alice@contoso.test,${alice}`,
    `frank@contoso.test,${frank}`,
    `support@contoso.test,${shared},alice@contoso.test`,
  ]
  const run = async () =>
    workshop.run('sh', await codeOf('moving', 'sh'), {
      key: String(key),
      input: rows.join('\n'),
      env: {
        MAILGRANT_URL: demo.urls.api,
        MAILGRANT_OWNER: 'Support',
        MAILGRANT_PROTOCOLS: 'imap smtp',
      },
    })
  for (const attempt of ['first', 'repeated']) {
    const { exitCode, output } = await run()
    expect(output, attempt).toContain('alice@contoso.test: moved')
    expect(output).toContain('support@contoso.test: moved')
    expect(output).toMatch(/frank@contoso.test: .*unused for too long/)
    expect(exitCode).toBe(1)
    for (const secret of [key, ...tokens]) expect(output).not.toContain(secret)
    const { data } = await api.expect(200, 'GET', '/v1/mail-accounts')
    const accounts = data as { username: string; protocol: string }[]
    expect(accounts.map(({ username, protocol }) => `${username} ${protocol}`).sort()).toEqual([
      'alice@contoso.test imap',
      'alice@contoso.test smtp',
      'support@contoso.test imap',
      'support@contoso.test smtp',
    ])
  }
  rows.splice(1, 1)
  expect((await run()).exitCode).toBe(0)
})
