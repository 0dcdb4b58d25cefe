import { UNLIMITED } from '../../api/model/access.ts'
import type { Call } from '../../api/services.ts'

/** A call of the schedule. */
export const system: Call = {
  actor: { type: 'system', id: null },
  accessScope: UNLIMITED,
  defer: () => {},
}
