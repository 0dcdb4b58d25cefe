import { expect, it } from 'vitest'
import { describeProof, pathOf } from '../../../../../api/console/pages/diagnosis/interpretation.ts'
import type { Diagnosis } from '../../../../../schema/diagnosis.ts'

it('draws the way of a login, with no more than the words of a server prove', () => {
  const drawn = (interpretation: Diagnosis['interpretation']) =>
    pathOf(interpretation)
      ?.map(({ name, outcome }) => `${name} ${outcome}`)
      .join(', ')
  const login = { protocol: 'imap', stage: 'auth', source: 'mail_server' } as const
  expect(drawn(login)).toBe(
    'dns passed, connect passed, tls unknown, greeting unknown, authenticate failed, mailbox skipped',
  )
  expect(drawn({ ...login, protocol: 'smtp', stage: 'send' })).toMatch(
    /authenticate unknown, send failed$/,
  )
  expect(drawn({ protocol: null, stage: 'connect', source: 'system' })).toMatch(
    /^dns passed, connect failed, tls skipped/,
  )
  // A program's error can precede any server.
  expect(drawn({ ...login, source: 'program' })).toBeUndefined()
  expect(drawn({ protocol: 'token', stage: 'refresh', source: 'token_endpoint' })).toBeUndefined()
})

it('shows whose words prove the cause', () => {
  const text = 'AADSTS50011: The redirect URI does not match'
  expect(describeProof({ text, source: 'sign_in_page' })).toBe(
    `Proof: "${text}" (Microsoft's sign-in page)`,
  )
  const fact = "The server's name has no address here."
  expect(describeProof({ fact, source: 'mailgrant' })).toBe(`Proof: ${fact}`)
})
