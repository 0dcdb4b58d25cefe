/** What earlier logins say about one that failed. */
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { LoginHistory, LoginValues } from '../../model/validation.ts'
import type { Store } from '../../store/store.ts'

/** `appWorks`: whether the same app opened another mailbox of the tenant; null of other accounts. */
export type KnownHistory = LoginHistory & { appWorks: boolean | null }

export async function loginHistory(
  store: Store,
  login: LoginValues,
  { tenant, protocol, username }: Pick<MailAccountValues, 'tenant' | 'protocol' | 'username'>,
): Promise<KnownHistory> {
  const [own, app] = await Promise.all([
    store.validations.history(login),
    tenant === null ? null : store.appTokens.history({ tenant, protocol, username }),
  ])
  return {
    ...own,
    otherProtocol: own.otherProtocol ?? app?.otherProtocol ?? null,
    appWorks: app?.worksElsewhere ?? null,
  }
}
