import { it } from 'vitest'
import { expectOnlyRevokedGrantsLost } from './operation.ts'
import { month } from './scenario.ts'

it('loses only the revoked grants in a month, and reports each once', () =>
  expectOnlyRevokedGrantsLost(month))
