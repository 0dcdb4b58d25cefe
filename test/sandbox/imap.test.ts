import { describe, expect, it, onTestFinished } from 'vitest'
import { passwordAccount } from './cast.ts'
import { tokensOf } from './entra/test-client.ts'
import { imapEnd, openDialog, xoauth2 } from './mail/test-dialog.ts'
import { startWorld, type World, type WorldOptions } from './world.ts'

async function newWorld(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options)
  onTestFinished(world.stop)
  return world
}

async function dial(world: World) {
  const dialog = await openDialog(world.ports.imapTls, imapEnd, world.authority.ca)
  onTestFinished(dialog.close)
  await dialog.hear()
  return dialog
}

const tokenOf = async (world: World, as: string, scope?: string) =>
  (await tokensOf(world.entra, as, scope === undefined ? {} : { scope })).access_token

describe('the IMAP server', () => {
  it('greets as Exchange does and offers STARTTLS but no login in clear', async () => {
    const world = await newWorld()
    const dialog = await openDialog(world.ports.imapStarttls, imapEnd)
    onTestFinished(dialog.close)
    expect(await dialog.hear()).toEqual([
      expect.stringMatching(/^\* OK The Microsoft Exchange IMAP4 service is ready\. \[\S+\]$/),
    ])
    const [clear] = await dialog.ask('a1 CAPABILITY')
    expect(clear).toContain('STARTTLS')
    expect(clear).toContain('LOGINDISABLED')
    expect(clear).not.toContain('AUTH=')
    expect(await dialog.ask('a2 AUTHENTICATE XOAUTH2')).toEqual([
      'a2 BAD Command received in Invalid state.',
    ])
    expect(await dialog.ask('a3 STARTTLS')).toEqual(['a3 OK Begin TLS negotiation now.'])
    await dialog.upgrade(world.authority.ca)
    const [secure] = await dialog.ask('a4 CAPABILITY')
    expect(secure).toContain('AUTH=XOAUTH2 SASL-IR')
    expect(secure).not.toContain('STARTTLS')
    expect(world.imap.starttls.heard.map((line) => line.secure)).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  it('opens the mailbox of alice, by an initial response or after a continuation', async () => {
    const world = await newWorld()
    const blob = xoauth2('alice@contoso.test', await tokenOf(world, 'alice@contoso.test'))
    const first = await dial(world)
    expect(await first.ask(`a1 AUTHENTICATE XOAUTH2 ${blob}`)).toEqual([
      'a1 OK AUTHENTICATE completed.',
    ])
    expect((await first.ask('a2 EXAMINE INBOX')).at(-1)).toBe(
      'a2 OK [READ-ONLY] EXAMINE completed.',
    )
    expect((await first.ask('a3 LOGOUT')).at(0)).toMatch(/^\* BYE/)
    const second = await dial(world)
    expect(await second.ask('a1 AUTHENTICATE XOAUTH2')).toEqual(['+ '])
    expect(await second.ask(blob)).toEqual(['a1 OK AUTHENTICATE completed.'])
    expect(world.imap.tls.logins).toHaveLength(2)
  })

  it.each([
    ['bob@contoso.test', 'bob@contoso.test', 'his IMAP is off'],
    ['alice@contoso.test', 'carol@contoso.test', 'it is the mailbox of another'],
    ['alice@contoso.test', 'nobody@contoso.test', 'there is no such mailbox'],
    ['heidi.h@contoso.test', 'heidi.h@contoso.test', 'it is a sign-in name, not a mailbox'],
    ['admin@contoso.test', 'admin@contoso.test', 'she has none'],
  ])('authenticates %s for %s and does not connect: %s', async (as, user) => {
    const world = await newWorld()
    const dialog = await dial(world)
    const blob = xoauth2(user, await tokenOf(world, as))
    expect(await dialog.ask(`a1 AUTHENTICATE XOAUTH2 ${blob}`)).toEqual([
      'a1 OK AUTHENTICATE completed.',
    ])
    for (const command of [
      'NAMESPACE',
      'LIST "" "*"',
      'STATUS INBOX (MESSAGES)',
      'EXAMINE INBOX',
    ]) {
      expect(await dialog.ask(`a2 ${command}`)).toEqual([
        'a2 BAD User is authenticated but not connected.',
      ])
    }
  })

  it.each([
    ['alice@contoso.test', 'support@contoso.test'],
    ['heidi.h@contoso.test', 'heidi@contoso.test'],
    ['grace@outlook.test', 'Grace@Outlook.test'],
  ])('connects %s to %s', async (as, user) => {
    const world = await newWorld()
    const dialog = await dial(world)
    await dialog.ask(`a1 AUTHENTICATE XOAUTH2 ${xoauth2(user, await tokenOf(world, as))}`)
    expect((await dialog.ask('a2 NAMESPACE')).at(-1)).toBe('a2 OK NAMESPACE completed.')
  })

  it('refuses a token that is made up, expired, for Graph, or without the IMAP scope', async () => {
    let time = Date.now()
    const world = await newWorld({ now: () => time })
    const alice = 'alice@contoso.test'
    world.entra.control.setTokenLifetime(60)
    const old = await tokenOf(world, alice)
    time += 60_000
    world.entra.control.setTokenLifetime(null)
    const tokens = [
      'made-up',
      old,
      await tokenOf(world, alice, 'IMAP.AccessAsUser.All'),
      await tokenOf(world, alice, 'https://outlook.office.com/SMTP.Send'),
    ]
    const dialog = await dial(world)
    for (const token of tokens) {
      expect(await dialog.ask(`a1 AUTHENTICATE XOAUTH2 ${xoauth2(alice, token)}`)).toEqual([
        'a1 NO AUTHENTICATE failed.',
      ])
    }
    const fresh = await tokenOf(world, alice)
    expect(await dialog.ask(`a2 AUTHENTICATE XOAUTH2 ${xoauth2(alice, fresh)}`)).toEqual([
      'a2 OK AUTHENTICATE completed.',
    ])
  })

  it('refuses what is no SASL blob, and lets the client cancel', async () => {
    const dialog = await dial(await newWorld())
    expect(await dialog.ask('a1 AUTHENTICATE XOAUTH2 bm9uc2Vuc2U=')).toEqual([
      'a1 NO AUTHENTICATE failed.',
    ])
    expect(await dialog.ask('a2 AUTHENTICATE XOAUTH2')).toEqual(['+ '])
    expect(await dialog.ask('*')).toEqual(['a2 BAD AUTHENTICATE canceled.'])
    expect(await dialog.ask('a3 NAMESPACE')).toEqual(['a3 BAD Command received in Invalid state.'])
    expect(await dialog.ask('a4 XYZZY')).toEqual(['a4 BAD Command Error. 12'])
  })

  it('takes the password of the password account, by LOGIN with literals and by PLAIN', async () => {
    const world = await newWorld()
    const { username, password } = passwordAccount
    const dialog = await dial(world)
    expect(await dialog.ask(`a1 LOGIN ${username} wrong`)).toEqual(['a1 NO LOGIN failed.'])
    expect(await dialog.ask('a2 LOGIN alice@contoso.test any')).toEqual(['a2 NO LOGIN failed.'])
    expect(await dialog.ask(`a3 LOGIN {${username.length}}`)).toEqual([
      '+ Ready for additional command text.',
    ])
    expect(await dialog.ask(`${username} {${password.length}+}\r\n${password}`)).toEqual([
      'a3 OK LOGIN completed.',
    ])
    const plain = Buffer.from(`\0${username}\0${password}`).toString('base64')
    const second = await dial(world)
    expect(await second.ask(`a1 AUTHENTICATE PLAIN ${plain}`)).toEqual([
      'a1 OK AUTHENTICATE completed.',
    ])
    expect(world.imap.tls.logins.map((login) => login.mechanism)).toEqual(['LOGIN', 'PLAIN'])
  })

  it('lets a test override one command and keep the rest', async () => {
    const world = await newWorld({
      imap: {
        NAMESPACE: ({ reply }) =>
          reply('NO Request is throttled. Suggested Backoff Time: 300000 milliseconds'),
      },
    })
    const dialog = await dial(world)
    const token = await tokenOf(world, 'alice@contoso.test')
    await dialog.ask(`a1 AUTHENTICATE XOAUTH2 ${xoauth2('alice@contoso.test', token)}`)
    expect(await dialog.ask('a2 NAMESPACE')).toEqual([
      'a2 NO Request is throttled. Suggested Backoff Time: 300000 milliseconds',
    ])
    expect((await dialog.ask('a3 STATUS INBOX (MESSAGES)')).at(-1)).toBe('a3 OK STATUS completed.')
  })
})
