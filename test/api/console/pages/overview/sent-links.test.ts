import { expect, it } from 'vitest'
import {
  loneLinks,
  signedInFor,
  waitingFor,
} from '../../../../../api/console/pages/overview/sent-links.ts'
import type { Authorization } from '../../../../../schema/authorization.ts'

const CREATED = '2026-11-24T09:00:00.000Z'
const EXPIRES = '2026-11-25T09:00:00.000Z'
const DELETED = '2026-11-26T09:00:00.000Z'

const link = (id: string, username: string, more: object = {}): Authorization =>
  ({
    id,
    status: 'pending',
    username,
    customer: null,
    delegate: null,
    protocols: ['imap', 'smtp'],
    mail_account_id: null,
    own: true,
    created_at: CREATED,
    expires_at: EXPIRES,
    ...more,
  }) as Authorization

const completed = (id: string, username: string, more: object = {}) =>
  link(id, username, {
    status: 'completed',
    grant: { id: 'gr_1', expires_at: DELETED },
    ...more,
  })

const frank = { mailbox: 'frank@b.test', accounts: [{ id: 'ma_1' }] } as never

it('a link is for the line of its mailbox or its account, as long as it waits', () => {
  const mine = link('az_1', 'Frank@b.test')
  expect(waitingFor(frank, [link('az_0', 'carol@b.test'), mine])).toBe(mine)
  const reconnects = link('az_2', 'old@b.test', { mail_account_id: 'ma_1' })
  expect(waitingFor(frank, [reconnects])).toBe(reconnects)
  expect(waitingFor(frank, [completed('az_1', 'frank@b.test')])).toBeUndefined()
  const ofCustomer = link('az_3', 'frank@b.test', { customer: 'acme' })
  expect(waitingFor(frank, [ofCustomer])).toBeUndefined()
  expect(loneLinks([ofCustomer], [frank])).toHaveLength(1)
})

it("the line goes on once the reader's own link was used on this visit", () => {
  const before = [link('az_1', 'frank@b.test')]
  const signedIn = (...links: Authorization[]) => signedInFor(frank, before, links)?.id
  expect(signedIn(completed('az_1', 'frank@b.test'))).toBe('gr_1')
  expect(signedIn(completed('az_2', 'frank@b.test'))).toBeUndefined()
  expect(signedIn(completed('az_1', 'frank@b.test', { own: false }))).toBeUndefined()
  expect(signedIn(...before)).toBeUndefined()
})

it('other links have lines of their own: while they wait, and until their sign-in is saved', () => {
  const links = [
    link('az_1', 'frank@b.test'),
    link('az_2', 'carol@b.test', { own: false }),
    completed('az_3', 'info@b.test', { delegate: 'ann@b.test', customer: 'acme' }),
    completed('az_4', 'kim@b.test', { mail_account_id: 'ma_4' }),
    completed('az_5', 'saved@b.test', { grant: { id: 'gr_5', expires_at: null } }),
    completed('az_6', 'other@b.test', { own: false }),
  ]
  expect(loneLinks(links, [frank]).map(({ link, href }) => [link.id, href])).toEqual([
    ['az_2', null],
    [
      'az_3',
      '#/mailboxes/new?mailbox=info%40b.test&delegate=ann%40b.test&customer=acme&grant=gr_1&protocols=imap+smtp',
    ],
    ['az_4', '#/mailboxes/ma_4?grant=gr_1'],
  ])
})

it("a failed or expired link stays with its problem, until the reader's next one", () => {
  const failed = (id: string, username: string, code: string, more: object = {}) =>
    link(id, username, { status: 'failed', problem: { code, detail: code }, ...more })
  const links = [
    failed('az_1', 'frank@b.test', 'account_mismatch', { mail_account_id: 'ma_1' }),
    failed('az_2', 'carol@b.test', 'authorization_expired', { status: 'expired' }),
    failed('az_3', 'kim@b.test', 'authorization_ended'),
    failed('az_4', 'ann@b.test', 'account_mismatch', { own: false }),
    failed('az_5', 'info@b.test', 'account_mismatch'),
    link('az_6', 'info@b.test', { created_at: EXPIRES }),
  ]
  expect(loneLinks(links, [frank]).map(({ link, href }) => [link.id, href])).toEqual([
    ['az_1', '#/mailboxes/ma_1'],
    ['az_2', '#/mailboxes/new?mailbox=carol%40b.test&protocols=imap+smtp'],
    ['az_6', null],
  ])
})
