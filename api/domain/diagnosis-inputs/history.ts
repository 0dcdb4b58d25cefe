/** Results of earlier logins, as evidence about a failed one. */
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { DiagnosisHistory, LoginValues } from '../../model/validation.ts'
import type { Services } from '../../services.ts'

export async function loginHistory(
  store: Services['store'],
  login: LoginValues,
  { tenant, protocol, username }: Pick<MailAccountValues, 'tenant' | 'protocol' | 'username'>,
): Promise<DiagnosisHistory> {
  const [logins, app] = await Promise.all([
    store.validations.readHistory(login),
    tenant === null ? null : store.appTokens.readHistory({ tenant, protocol, username }),
  ])
  return {
    ...logins,
    otherProtocol: logins.otherProtocol ?? app?.otherProtocol ?? null,
    appWorks: app?.worksElsewhere ?? null,
  }
}
