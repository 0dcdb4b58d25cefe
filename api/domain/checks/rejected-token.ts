/**
 * What a mail worker's report says about an account that Graph cannot be asked about: Graph refuses even a token that was just
 * issued. Nothing else would show it.
 */
import { isOwnMailbox } from '../../graph/hosts.ts'
import type { Call, Services } from '../../services.ts'
import { untriedReport } from './graph-reports.ts'
import { reportOnly } from './login.ts'
import { planWithProtocol, storeResult } from './validations.ts'

/** Records the report as an inconclusive validation, unless the last one did not pass either. */
export async function recordRejectedToken(
  services: Services,
  call: Call,
  mailAccountId: string,
): Promise<void> {
  const context = await services.store.loginContexts.readAccount(mailAccountId, call.accessScope)
  const { account } = context
  if (account?.protocol !== 'graph_send' || isOwnMailbox(account)) return
  if (account.lastValidation?.outcome !== 'passed') return
  const planned = await planWithProtocol(services, call, null, context)
  if (!planned.ok) return
  const { plan } = planned.value
  const report = reportOnly(untriedReport('rejected'))
  await storeResult(services, call, plan, context, report, services.now())
}
