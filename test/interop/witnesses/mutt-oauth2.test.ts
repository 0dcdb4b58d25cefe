/**
 * NeoMutt's script for Microsoft's mailboxes, which many use unmodified, against the sandbox under Microsoft's names: a
 * public client on a loopback port, refreshed at `common`, and logins at the real ports.
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { app, secrets } from '../../sandbox/personas.ts'
import { type Microsoft, startMicrosoft } from './microsoft.ts'

const SCRIPT = '/usr/share/neomutt/oauth2/mutt_oauth2.py'

let microsoft: Microsoft
beforeAll(async () => {
  if (!existsSync(SCRIPT))
    throw new Error('This test runs the script of the Debian package neomutt.')
  microsoft = await startMicrosoft({
    app: {
      redirectUris: ['http://localhost/'],
      permissions: [...app.permissions, 'POP.AccessAsUser.All'],
    },
  })
})
afterAll(() => microsoft?.stop())

/** Runs the script for alice, who signs in when it prints its URL. Each test has its own file of tokens. */
const run = (tokens: string, ...args: readonly string[]) =>
  microsoft.run(
    [
      ...['/usr/bin/python3', SCRIPT, join(microsoft.folder, tokens), '--verbose'],
      ...['--encryption-pipe', 'cat', '--decryption-pipe', 'cat', ...args],
    ],
    async (line) => {
      if (!line.startsWith('https://')) return null
      await fetch(await microsoft.world.entra.signIn(line, { as: 'alice@contoso.test' }))
      return null
    },
  )

function signIn(tokens: string): Promise<string> {
  const client = ['--client-id', app.clientId, '--client-secret', secrets.current]
  const account = ['--provider', 'microsoft', '--email', 'alice@contoso.test']
  return run(tokens, ...client, ...account, '--authorize', '--authflow', 'localhostauthcode')
}

describe('mutt_oauth2.py', () => {
  it('signs in on a loopback port, and logs in over IMAP and SMTP', async () => {
    expect(await signIn('logins')).toContain('Obtained new access token')

    // The script ends with an error, since the sandbox has no POP.
    await expect(run('logins', '--test')).rejects.toThrow(
      /IMAP authentication succeeded\nPOP authentication FAILED.*\nSMTP authentication succeeded/,
    )
  })

  it('refreshes at the common endpoint, without a scope', async () => {
    await signIn('refresh')
    const file = join(microsoft.folder, 'refresh')
    const stored = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...stored, access_token_expiration: '' }))

    const output = await run('refresh')
    expect(output).toContain('Obtained new access token')
    const token = output.split('Access Token: ').at(-1)?.trim() ?? ''
    expect(token).not.toBe(stored.access_token)
    expect(microsoft.world.entra.checkToken(token)).toMatchObject({
      audience: 'https://outlook.office.com',
      permissions: ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'],
    })
  })
})
