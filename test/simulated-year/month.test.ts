import { it } from 'vitest'
import { expectOnlyRevokedGrantsLost } from './operation.ts'
import { month } from './scenario.ts'

it('loses only the revoked grants in a month, and reports all that happened, once, and nothing else', () =>
  expectOnlyRevokedGrantsLost(month))
