import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../../api/diagnosis/diagnose.ts'
import { parseReport } from '../../../../api/diagnosis/parse/parse-report.ts'
import { programWordings, publicReports } from '../rows.ts'

const share = <Item>(items: readonly Item[], holds: (item: Item) => boolean) =>
  items.filter(holds).length / items.length

/** Texts that any login, or any connection, can fail with. */
const TELLS_NOTHING =
  /^(?:ERROR - While logging in: )?(?:MailKit\.Security\.AuthenticationException: )?Authentication failed\.$/

describe('protocol and stage, withheld', () => {
  const telling = publicReports.filter(
    ({ error, protocol }) => !TELLS_NOTHING.test(error) && protocol !== 'network',
  )
  const found = telling.map(({ error, evidence, protocol, stage }) => {
    const parsed = parseReport({ error, evidence })
    return { protocol: parsed.protocol === protocol, stage: parsed.stage === stage }
  })

  it('are found in more than 90 % and more than 77 % of the public reports that tell them', () => {
    expect(telling.length).toBeGreaterThan(140)
    expect(share(found, ({ protocol }) => protocol)).toBeGreaterThan(0.9)
    expect(share(found, ({ stage }) => stage)).toBeGreaterThan(0.77)
  })

  it.each([
    ['public reports', publicReports],
    ['wordings of programs', programWordings],
  ])('cost at most 2 %% of the true causes of %s', (_what, all) => {
    const rows = all.filter(({ cause }) => cause !== 'undetermined')
    const first = (withheld: boolean) =>
      share(rows, ({ protocol, stage, error, evidence, cause }) => {
        const report = withheld ? { error, evidence } : { protocol, stage, error, evidence }
        return diagnose(report).candidates[0]?.cause === cause
      })
    expect(first(true)).toBeGreaterThan(first(false) - 0.02)
  })
})

describe('the protocol', () => {
  it.each([
    ['smtp', "(535, b'5.7.3 Authentication unsuccessful')"],
    ['smtp', '432 4.3.2 Concurrent connections limit exceeded'],
    ['imap', 'a1 NO AUTHENTICATE failed.'],
    ['imap', '-ERR Logon failure: unknown user name or bad password.'],
    ['token', 'oauth2: "invalid_grant" "AADSTS700082: The refresh token has expired"'],
    ['authorize', "AADSTS50011: The redirect URI specified in the request doesn't match"],
    ['authorize', 'Administratorgenehmigung erforderlich'],
    ['network', 'certificate has expired'],
  ])('is %s in %s', (protocol, error) => {
    expect(parseReport({ error }).protocol).toBe(protocol)
  })

  it('is not read from the names of permissions', () => {
    const error = 'AADSTS70011: https://outlook.office.com/SMTP.Send is not valid'
    expect(parseReport({ error }).protocol).toBe('authorize')
  })

  it('is taken from the evidence if the text tells nothing', () => {
    const report = { error: 'Connection timed out', evidence: { port: 587 } }
    expect(parseReport(report).protocol).toBe('smtp')
  })

  it('given by the caller counts more than the text', () => {
    expect(parseReport({ protocol: 'smtp', error: 'NO AUTHENTICATE failed.' }).protocol).toBe(
      'smtp',
    )
  })
})
