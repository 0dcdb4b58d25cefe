/** What an admin sees after Microsoft's consent page. */
import type { AdminConsentEnding } from '../domain/admin-consent.ts'
import { Layout } from './layout.tsx'

type Told = Exclude<AdminConsentEnding, { kind: 'stopped' }>['kind']

/** Nothing here is proven: the next sign-in of a person shows whether the consent works. */
export function AdminConsentPage({ kind }: { kind: Told }) {
  switch (kind) {
    case 'completed':
      return (
        <Layout title="Consent received" mark="good">
          <p>
            Microsoft reports that the mail permissions were granted for your organisation. Its
            people can now sign in: tell whoever sent you the link to start again.
          </p>
          <p class="quiet">
            The app's permissions stand in the Entra admin center under Enterprise apps. You can
            close this window.
          </p>
        </Layout>
      )
    case 'already_completed':
      return (
        <Layout title="Already done" mark="good">
          <p>This link was used with success before. There is nothing more to do.</p>
          <p class="quiet">You can close this window.</p>
        </Layout>
      )
    case 'refused':
      return (
        <Layout title="Not consented" mark="bad">
          <p>
            Microsoft reports that the mail permissions were not granted. Nothing was changed. The
            link still works: open it again as an administrator who may consent for the
            organisation, such as a Cloud Application Administrator.
          </p>
          <p class="quiet">You can close this window.</p>
        </Layout>
      )
  }
}
