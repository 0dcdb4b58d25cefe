/** Page for an administrator after Microsoft's consent page. */
import type { AdminConsentOutcome } from '../domain/admin-consent.ts'
import { Layout } from './layout.tsx'
import { Step } from './next-step.tsx'
import { whoActs } from './texts.ts'

type Told = Exclude<AdminConsentOutcome, { kind: 'rejected' }>['kind']

/** Nothing here is proven: the next sign-in of a person shows whether the consent works. */
export function AdminConsentPage({ kind }: { kind: Told }) {
  switch (kind) {
    case 'completed':
      return (
        <Layout title="Consent received" mark="good">
          <p>Microsoft reports that you allowed the app to use mail in your whole organisation.</p>
          <Step>
            <p>Tell the person who sent you the link to start again: people can now sign in.</p>
          </Step>
          <p class="quiet">
            You find the app, and can take this back, in the Entra admin center under Enterprise
            apps. You can close this window.
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
          <p>Microsoft reports that the app was not allowed to use mail. Nothing was changed.</p>
          <Step who={whoActs.tenant_admin}>
            <p>
              Open the same link again and accept. It takes an account that may consent for the
              organisation, such as a Cloud Application Administrator; without such a role, send the
              link to somebody who has it.
            </p>
          </Step>
          <p class="quiet">You can close this window.</p>
        </Layout>
      )
  }
}
