import { describe, expect, it } from 'vitest'
import { listenFailure, plainHttpWarning } from '../../../api/node/notices.ts'
import { readSettings } from '../../../api/node/settings.ts'

/** Reads settings from an environment that has both keys, which the notices require. */
function settingsOf(environment: Record<string, string>) {
  const { node, shared } = readSettings({
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    ROOT_API_KEY: 'r'.repeat(32),
    ...environment,
  })
  const { encryptionKeys, rootKeyHash } = shared
  if (encryptionKeys === null || rootKeyHash === null) throw new Error('the keys are missing')
  return { node, settings: { ...shared, encryptionKeys, rootKeyHash } }
}

describe('a HOST that other machines reach', () => {
  it.each(['0.0.0.0', '::', '192.168.1.4', 'mail.lan'])('needs https: %s', (HOST) => {
    const { node, settings } = settingsOf({ HOST })
    expect(plainHttpWarning(node, settings)).toContain('browsers and Microsoft need https')
    const behindTls = settingsOf({ HOST, PUBLIC_URL: 'https://mail.example.com' })
    expect(plainHttpWarning(behindTls.node, behindTls.settings)).toBeNull()
  })

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('is not %s', (HOST) => {
    const { node, settings } = settingsOf({ HOST })
    expect(plainHttpWarning(node, settings)).toBeNull()
  })
})

it.each([
  ['EADDRINUSE', 'PORT: another program listens on 127.0.0.1, port 80.'],
  ['EACCES', "PORT: this user isn't allowed to listen on port 80."],
  ['EADDRNOTAVAIL', 'HOST: 127.0.0.1 is not an address of this machine.'],
  ['ENOTFOUND', 'HOST: 127.0.0.1 is not an address of this machine.'],
])('turns %s into a sentence', (code, sentence) => {
  const { node } = settingsOf({ PORT: '80' })
  const failure = listenFailure(node, Object.assign(new Error('listen'), { code }))
  expect((failure as Error).message).toContain(sentence)
})

it('leaves an unexpected error of listening as it is', () => {
  const error = new Error('unexpected')
  expect(listenFailure(settingsOf({}).node, error)).toBe(error)
})
