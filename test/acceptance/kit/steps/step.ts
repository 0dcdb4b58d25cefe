/** The type of a step. */
import type { AssumptionId } from '../../assumptions.ts'
import type { Kit, Need } from '../context.ts'

export type Step = {
  id: string
  title: string
  needs: readonly Need[]
  checks: readonly AssumptionId[]
  run: (kit: Kit) => Promise<void>
}
