import { it } from 'vitest'
import { expectOnlyRevokedGrantsLost } from './operation.ts'
import { year } from './scenario.ts'

it('loses only the revoked grants in a year, and reports all that happened, once, and nothing else', () =>
  expectOnlyRevokedGrantsLost(year))
