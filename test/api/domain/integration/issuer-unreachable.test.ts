import { describe, expect, it } from 'vitest'
import { judgeAppToken, judgeRefresh } from '../../../../api/domain/failures.ts'
import { grant, integration, numbered } from '../../refresh-failure.ts'

const now = new Date('2026-11-25T01:00:00Z')
const ERRORS = ['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client']
const app = { cloud: 'global', tenant: 'contoso.test', clientId: 'client' } as const

describe('a refusal of the federated credential', () => {
  it.each(ERRORS)('is judged by its number, even as %s', (error) => {
    const effects = (numbers: number[]) =>
      numbers.map((number) => [
        judgeRefresh(numbered(number, error), grant, integration, now).effect,
        judgeAppToken(numbered(number, error), app, integration).effect,
      ])
    expect(effects([50166, 501661, 90061])).toEqual(Array(3).fill(['cool_down', 'cool_down']))
    expect(effects([70021, 700211, 700212, 700213])).toEqual(
      Array(4).fill(['credential_rejected', 'credential_rejected']),
    )
  })
})
