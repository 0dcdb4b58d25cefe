/** One task of the maintenance. */
import type { IntegrationRecord } from '../../../model/integration.ts'
import type { Call, Services } from '../../../services.ts'
import type { Budget } from '../../budget.ts'

/** `more`: true when work is left for the next run. */
export type Outcome = { count: number; more: boolean }

/** One task of the run. `integration` is as the run found it. */
export type Task = (
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
) => Promise<Outcome>
