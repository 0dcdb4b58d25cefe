import { describe, expect, it } from 'vitest'
import {
  activeMailWorld,
  createMailWorld,
  imapAccountWorld,
  imapForm,
  type MailWorld,
  passwordForm,
  refuses,
} from '../mail-world.ts'

/** Returns the Worker's log entries about validations. */
const validationEntries = ({ lines }: MailWorld): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'validation')

const jtis = ({ checkerLog }: MailWorld) =>
  checkerLog.map((event) => ('jti' in event ? event.jti : null))

describe('a validation in the logs', () => {
  it('can be traced from the request to the login in the log of the checker', async () => {
    const world = await createMailWorld()
    const { id: account } = await world.save(passwordForm())
    const response = await world.call('POST', `/v1/mail-accounts/${account}/validate`)
    const { id: validation } = await response.json<{ id: string }>()
    const [jti] = jtis(world)
    expect(jti).toMatch(/^[0-9a-f]{32}$/)
    expect(validationEntries(world)).toEqual([
      {
        level: 'info',
        event: 'validation',
        request_id: response.headers.get('x-request-id'),
        validation,
        account,
        outcome: 'passed',
        jti,
      },
    ])
  })

  it('names both logins if a second one was tried', async () => {
    const world = await activeMailWorld({ probe: refuses })
    const grant = await world.grant('heidi.h@contoso.test')
    await world.validate(imapForm(grant, { username: 'heidi@contoso.test' }))
    expect(world.probes).toHaveLength(2)
    expect(validationEntries(world)).toMatchObject([
      { outcome: 'failed', jti: jtis(world).join(' ') },
    ])
  })

  it('names a login that the checker never answered, and none if none was requested', async () => {
    const unreachable = await createMailWorld({
      externalFetch: async () => Promise.reject(new TypeError()),
    })
    await unreachable.validate(passwordForm())
    expect(validationEntries(unreachable)).toMatchObject([
      { outcome: 'inconclusive', jti: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ])

    const { world, grant, id } = await imapAccountWorld()
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    await world.validateSaved(id)
    const [line] = validationEntries(world)
    expect(line).toMatchObject({ account: id, outcome: 'failed' })
    expect(line).not.toHaveProperty('jti')
  })
})
