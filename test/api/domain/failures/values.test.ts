import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../../api/diagnosis/diagnose.ts'
import { appValues } from '../../../../api/domain/failures/values.ts'
import type { Cloud } from '../../../../schema/mail-servers.ts'
import { programWordings } from '../../diagnosis/rows.ts'
import { settings } from '../../harness.ts'

const CLIENT_ID = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
const valuesOf = (cloud: Cloud) =>
  appValues({ clientId: CLIENT_ID, cloud, tenant: 'contoso.test' }, settings)

/** Hosts of the global cloud only. Texts about personal accounts contain them too, since these have no other cloud. */
const GLOBAL =
  /(?:admin|entra|exchange)\.microsoft\.com|office365\.com|login\.microsoftonline\.com|outlook\.office\.com|\/graph\.microsoft\.com/
const PERSONAL =
  /Personal accounts[^.]{0,30} https:\/\/outlook\.office\.com, not outlook\.office365\.com/

describe.each(['us_gov_high', 'us_gov_dod', 'china'] as const)('in the cloud %s', (cloud) => {
  it('no fix leads to a host of the global cloud', () => {
    const texts = programWordings.flatMap(({ evidence, ...report }) => {
      const hostless = { ...report, evidence: { ...evidence, host: undefined } }
      const fixes = diagnose(hostless, valuesOf(cloud)).candidates.flatMap((each) => each.fixes)
      // A server in the error text may be repeated.
      const named = report.error.match(/[\w-]+(?:\.[\w-]+)+/g) ?? []
      return fixes.map((fix) =>
        named.reduce(
          (text, host) => text.replaceAll(host, ''),
          JSON.stringify(fix).replace(PERSONAL, ''),
        ),
      )
    })
    expect(texts.filter((text) => GLOBAL.test(text))).toEqual([])
  })
})

it.each([
  ['global', "-Organization 'contoso.test'; Get"],
  ['us_gov_high', "-Organization 'contoso.test' -ExchangeEnvironmentName 'O365USGovGCCHigh'; Get"],
  ['us_gov_dod', "-ExchangeEnvironmentName 'O365USGovDoD'; Get"],
  ['china', "-ExchangeEnvironmentName 'O365China'; Get"],
] as const)('connects to the Exchange of the cloud %s', (cloud, part) => {
  const refused = {
    protocol: 'imap',
    stage: 'auth',
    error: 'NO AUTHENTICATE failed.',
    evidence: { flow: 'app_only' },
  } as const
  const commands = (values: ReturnType<typeof valuesOf>) =>
    JSON.stringify(diagnose(refused, values).candidates)
  expect(commands(valuesOf(cloud))).toContain(part)
  expect(commands({})).toContain('Connect-ExchangeOnline; Get-ServicePrincipal')
})
