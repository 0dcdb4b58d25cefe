import { describe, expect, it } from 'vitest'
import {
  authenticationOf,
  credentialErrors,
  loginOf,
} from '../../../../../api/console/pages/email-account/authentication-kinds.ts'
import {
  type Draft,
  emptyDraft,
  type ServerDraft,
} from '../../../../../api/console/pages/email-account/draft.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'

const server = { host: 'imap.example.com', port: 993, security: 'tls' } as const
const draft = (changes: Partial<Draft> = {}, typed: Partial<ServerDraft> = {}): Draft => {
  const servers = { imap: [server], smtp: [] }
  const empty = emptyDraft(['imap'], servers, { mailbox: 'support@example.com' })
  return {
    ...empty,
    servers: { ...empty.servers, imap: { ...empty.servers.imap, ...typed } },
    authentication: 'password',
    ...changes,
  }
}
const saved = {
  ...server,
  protocol: 'imap',
  username: 'Support@example.com',
  authentication: { type: 'password' },
} as unknown as MailAccount
const none = { grantId: null, password: '' }

describe('the credential of a form', () => {
  it('is the tenant where the app opens the mailbox without a user', () => {
    const appOnly = draft({ authentication: 'app_only' })
    expect(credentialErrors(appOnly, none, [])).toHaveProperty(['/authentication/tenant'])
    const whole = { ...appOnly, tenant: ' contoso.test ' }
    expect(credentialErrors(whole, none, [])).toEqual({})
    expect(authenticationOf(whole, none)).toMatchObject({
      flow: 'app_only',
      tenant: 'contoso.test',
    })
    expect(loginOf(whole, 'imap', null, 0)).not.toBe(loginOf(appOnly, 'imap', null, 0))
  })

  it('is an access token with OAuth', () => {
    const oauth = draft({ authentication: 'oauth' })
    expect(credentialErrors(oauth, none, [])).toHaveProperty(['/authentication/grant_id'])
    expect(credentialErrors(oauth, { ...none, grantId: 'gr_1' }, [])).toEqual({})
    expect(authenticationOf(oauth, { grantId: 'gr_1', password: 'left over' })).toEqual({
      type: 'oauth',
      provider: 'microsoft',
      flow: 'delegated',
      grant_id: 'gr_1',
    })
  })

  it('may be the stored password, for the same server and mailbox only', () => {
    expect(credentialErrors(draft(), none, [saved])).toEqual({})
    expect(authenticationOf(draft(), none)).toEqual({ type: 'password' })
    const sending = { ...saved, protocol: 'smtp' } as const
    const { servers } = draft()
    const both = draft({ protocols: ['imap', 'smtp'], servers: { ...servers, smtp: servers.imap } })
    expect(credentialErrors(both, none, [saved])).not.toEqual({})
    expect(credentialErrors(both, none, [saved, sending])).toEqual({})
    for (const changed of [
      draft({}, { host: 'imap.example.org' }),
      draft({}, { port: '143' }),
      draft({}, { security: 'starttls' }),
      draft({ mailbox: 'sales@example.com' }),
    ]) {
      const errors = credentialErrors(changed, none, [saved])
      expect(errors['/authentication/password']).toMatch('Enter the password again')
    }
  })

  it('is a password for one server, once it is saved', () => {
    const { servers } = draft()
    const relay = { ...servers.imap, host: 'relay.example.org' }
    const both = draft({ protocols: ['imap', 'smtp'], servers: { ...servers, smtp: relay } })
    const typed = { ...none, password: 'secret' }
    expect(credentialErrors(both, typed, [saved])['/smtp/host']).toMatch(
      'only for imap.example.com',
    )
    const sending = { ...saved, protocol: 'smtp' } as const
    expect(credentialErrors(both, typed, [saved, sending])).toHaveProperty(['/smtp/host'])
    const moved = { ...both, servers: { ...servers, imap: relay, smtp: relay } }
    expect(credentialErrors(moved, typed, [saved, sending])).toEqual({})
    // Both servers of a new mailbox are visible when the password is typed.
    expect(credentialErrors(both, typed, [])).toEqual({})
  })

  it('must be typed where none is stored', () => {
    expect(credentialErrors(draft(), none, [])).toEqual({
      '/authentication/password': 'Enter the password.',
    })
    const typed = { ...none, password: 'secret' }
    expect(credentialErrors(draft(), typed, [])).toEqual({})
    expect(authenticationOf(draft(), typed)).toEqual({ type: 'password', password: 'secret' })
  })
})

describe('a result', () => {
  const of = (changes: Partial<Draft>, grantId: string | null = 'gr_1', edits = 0) =>
    loginOf(draft(changes), 'imap', grantId, edits)

  it('outlives what no login depends on', () => {
    expect(of({ name: 'Inbox', from: 'a@b.test', mailbox: 'SUPPORT@example.com' })).toBe(of({}))
    expect(of({ delegate: 'support@example.com' })).toBe(of({}))
    expect(of({ protocols: ['imap', 'smtp'] })).toBe(of({}))
  })

  it('is of earlier values after a change of server, mailbox, delegate, token or password', () => {
    expect(loginOf(draft({}, { port: '143' }), 'imap', 'gr_1', 0)).not.toBe(of({}))
    expect(of({ mailbox: 'sales@example.com' })).not.toBe(of({}))
    expect(of({ delegate: 'alice@example.com' })).not.toBe(of({}))
    expect(of({ authentication: 'oauth' }, 'gr_2')).not.toBe(of({ authentication: 'oauth' }))
    expect(of({}, 'gr_1', 1)).not.toBe(of({}))
  })
})
