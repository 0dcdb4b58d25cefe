import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../../../api/console/api.ts'
import {
  type Call,
  type ImportRow,
  importLabel,
  importMany,
} from '../../../../../api/console/pages/move/import-many.ts'
import type { ProblemCode } from '../../../../../schema/problem.ts'

const refusal = (code: ProblemCode | undefined, pointer?: string) =>
  new ApiError({
    title: 'Refused',
    detail: `Refused with ${code}.`,
    ...(code && { code }),
    ...(pointer !== undefined && { errors: [{ pointer, message: 'is wrong' }] }),
  })

const microsoft = (host: string, port: number, security: 'tls' | 'starttls') => ({
  host,
  port,
  security,
})
const servers = {
  imap: [microsoft('outlook.office365.com', 993, 'tls')],
  smtp: [
    microsoft('smtp.office365.com', 587, 'starttls'),
    microsoft('smtp-mail.outlook.com', 587, 'starttls'),
  ],
}

const rowOf = (mailbox: string): ImportRow => ({
  id: mailbox,
  mailbox,
  delegate: null,
  settings: {
    owners: { imap: { type: 'department', id: 'Support' }, smtp: { type: 'global' } },
    personal: false,
    servers,
  },
  state: 'waiting',
  grant: null,
  accounts: [],
  problem: null,
})

/** Runs imports against `respond`, which is called with the path, the body and the mailbox. */
function lab(mailboxes: readonly string[], respond: (path: string, body: Body) => unknown) {
  const rows = new Map(mailboxes.map((mailbox) => [mailbox, rowOf(mailbox)]))
  const calls: { path: string; body: Body; key: string | undefined }[] = []
  const pauses: number[] = []
  const stopping = new AbortController()
  const call = (async (path: string, body: object, key?: string) => {
    calls.push({ path, body: body as Body, key })
    return respond(path, body as Body)
  }) as Call
  const run = () =>
    importMany(
      [...rows.values()].filter(({ state }) => state !== 'done'),
      {
        call,
        refreshTokenOf: (id) => `token-of-${id}`,
        pause: async (ms) => void pauses.push(ms),
        update: (id, change) => rows.set(id, { ...(rows.get(id) ?? rowOf(id)), ...change }),
        signal: stopping.signal,
      },
    )
  const states = () => Object.fromEntries([...rows].map(([id, { state }]) => [id, state]))
  return { rows, calls, pauses, stopping, run, states }
}

type Body = { username: string; protocol?: string; refresh_token?: string; host?: string }

const works = (path: string, { username, protocol }: Body) =>
  path === '/v1/grants'
    ? { id: `gr-${username}` }
    : { id: `ma-${username}-${protocol}`, protocol, username }

const grantCalls = (calls: { path: string }[]) =>
  calls.filter(({ path }) => path === '/v1/grants').length

describe('importing many mailboxes', () => {
  it('imports each sign-in once, and saves an email account for each use', async () => {
    const { rows, calls, run } = lab(['a', 'b'], works)
    expect(await run()).toBeNull()
    expect(rows.get('a')).toMatchObject({
      state: 'done',
      problem: null,
      accounts: [{ protocol: 'imap' }, { protocol: 'smtp' }],
    })
    expect(calls).toHaveLength(6)
    expect(calls.find(({ body }) => body.username === 'b')?.body).toEqual({
      username: 'b',
      protocols: ['imap', 'smtp'],
      refresh_token: 'token-of-b',
    })
  })

  it('goes on after a refused row, whose sign-in and accounts are kept for the next attempt', async () => {
    let isRefusing = true
    const { rows, calls, run, states } = lab(['a', 'b', 'c', 'd'], (path, body) => {
      if (body.username === 'a' && path === '/v1/grants' && isRefusing)
        throw refusal('refresh_token_refused')
      if (body.username === 'b' && body.protocol === 'smtp' && isRefusing)
        throw refusal('protocol_not_granted')
      return works(path, body)
    })
    expect(await run()).toBeNull()
    expect(states()).toEqual({ a: 'failed', b: 'failed', c: 'done', d: 'done' })
    expect(rows.get('a')?.problem?.detail).toBe('Refused with refresh_token_refused.')
    isRefusing = false
    const before = calls.length
    await run()
    expect(states()).toEqual({ a: 'done', b: 'done', c: 'done', d: 'done' })
    // Everything for a, and for b only what was missing.
    expect(
      calls
        .slice(before)
        .map(({ body }) => body.username)
        .sort(),
    ).toEqual(['a', 'a', 'a', 'b'])
    expect(rows.get('b')?.accounts).toHaveLength(2)
  })

  it('imports the token again when the sign-in was not saved within its hour', async () => {
    let isGone = true
    const { calls, run, states } = lab(['a'], (path, body) => {
      if (path !== '/v1/grants' && isGone)
        throw refusal('validation_failed', '/authentication/grant_id')
      return works(path, body)
    })
    await run()
    isGone = false
    await run()
    expect(states()).toEqual({ a: 'done' })
    expect(grantCalls(calls)).toBe(2)
  })

  it.each([
    'credential_rejected',
    'integration_inactive',
    'provider_unavailable',
    undefined,
  ] as const)('stops at %s, and leaves the rest to be tried again', async (code) => {
    const names = Array.from({ length: 10 }, (_, index) => `box${index}`)
    const { calls, run, states } = lab(names, () => {
      throw refusal(code)
    })
    expect((await run())?.detail).toBe(`Refused with ${code}.`)
    expect(calls.length).toBeLessThanOrEqual(3)
    expect(new Set(Object.values(states()))).toEqual(new Set(['waiting']))
  })

  it('waits when the limit of calls is reached, and loses no row', async () => {
    let refused = 0
    const { pauses, run, states } = lab(['a', 'b'], (path, body) => {
      if (refused < 3) {
        refused += 1
        throw refusal('rate_limited')
      }
      return works(path, body)
    })
    expect(await run()).toBeNull()
    expect(pauses).toHaveLength(3)
    expect(states()).toEqual({ a: 'done', b: 'done' })
  })

  it('starts no more after it was stopped', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `box${index}`)
    const { stopping, run, states } = lab(names, (path, body) => {
      stopping.abort()
      return works(path, body)
    })
    expect(await run()).toBeNull()
    expect(Object.values(states()).filter((state) => state === 'waiting').length).toBe(8)
  })

  it('saves the server for the kind of account, which only the sign-in shows', async () => {
    const { calls, run } = lab(['work', 'personal'], (path, body) =>
      path === '/v1/grants'
        ? { id: `gr-${body.username}`, account_type: body.username }
        : works(path, body),
    )
    await run()
    const hostOf = (name: string, use: string) =>
      calls.find(({ body }) => body.username === name && body.protocol === use)?.body.host
    expect(hostOf('work', 'smtp')).toBe('smtp.office365.com')
    expect(hostOf('personal', 'smtp')).toBe('smtp-mail.outlook.com')
    expect(hostOf('personal', 'imap')).toBe('outlook.office365.com')
  })

  it('never saves the same account twice for one sign-in, by its Idempotency-Key', async () => {
    const { calls, run } = lab(['a'], works)
    await run()
    const keys = calls.filter(({ path }) => path === '/v1/mail-accounts').map(({ key }) => key)
    expect(new Set(keys).size).toBe(2)
    expect(keys).not.toContain(undefined)
  })
})

it('says how many are done, and how many failed', () => {
  const rows = (['done', 'failed', 'waiting'] as const).map((state) => ({ state }))
  expect(importLabel(rows)).toBe('1 of 3 imported, 1 failed')
  expect(importLabel(rows.slice(0, 1))).toBe('1 of 1 imported')
})
