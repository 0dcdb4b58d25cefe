import { expect, it } from 'vitest'
import { encodingsOf } from '../encodings.ts'
import { activeMailWorld, imapForm, passwordForm, refuses } from '../mail-world.ts'

const PASSWORD = 'canary-of-the-mailbox-password'

it('never exposes password or token in a response, event, log line or row', async () => {
  const world = await activeMailWorld({ probe: refuses })
  const answers: string[] = []
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await world.call(method, path, body)
    const text = await response.text()
    answers.push(text, JSON.stringify([...response.headers]))
    return text === '' ? null : JSON.parse(text)
  }
  const secret = { authentication: { type: 'password', password: PASSWORD } }
  const grant = await world.grant('alice@contoso.test', { saved: false })

  await call('POST', '/v1/validations', imapForm(grant))
  await call('POST', '/v1/validations', passwordForm(secret))
  const oauth = await call('POST', '/v1/mail-accounts', imapForm(grant))
  const password = await call('POST', '/v1/mail-accounts', passwordForm(secret))
  for (const { id } of [oauth, password]) {
    await call('POST', `/v1/mail-accounts/${id}/validate`)
    await call('GET', `/v1/mail-accounts/${id}`)
  }
  await call('PUT', `/v1/mail-accounts/${password.id}`, passwordForm({ ...secret, port: 22 }))
  await call('PUT', `/v1/mail-accounts/${password.id}`, passwordForm({ ...secret, port: 143 }))
  await call('POST', '/v1/mail-accounts', { ...passwordForm(secret), unknown: PASSWORD.length })
  await call('GET', '/v1/mail-accounts')
  await call('GET', '/v1/events?limit=200')

  const credentials = world.probes.map(({ credential }) => credential)
  const tokens = credentials.flatMap((credential) =>
    credential.type === 'oauth' ? [credential.access_token] : [],
  )
  expect(new Set(credentials.map(({ type }) => type))).toEqual(new Set(['oauth', 'password']))
  const searched = { answers: answers.join(), lines: world.lines.join(), rows: await world.dump() }
  for (const leak of [PASSWORD, ...tokens].flatMap(encodingsOf)) {
    for (const [place, text] of Object.entries(searched)) {
      expect(text.includes(leak), `${place} contains ${leak}`).toBe(false)
    }
  }
})
