/** Page for an administrator after Microsoft's consent page. */
import type { AdminConsentOutcome } from '../domain/admin-consent.ts'
import { Layout } from './layout.tsx'
import { Step } from './next-step.tsx'
import { whoActs } from './texts.ts'

type Kind = Exclude<AdminConsentOutcome, { kind: 'rejected' }>['kind']

/** Repeats what the response claims, which is unverified: the next sign-in shows whether consent works. */
export function AdminConsentPage({ kind }: { kind: Kind }) {
  switch (kind) {
    case 'completed':
      return (
        <Layout title="Consent received" mark="good">
          <p>Microsoft reports that you allowed the app to use mail in your whole organisation.</p>
          <Step>
            <p>Tell the person who sent you the link to start again: people can now sign in.</p>
          </Step>
          <p class="quiet">
            To review or revoke this, open the app in the Entra admin center under Enterprise apps.
            You can close this window.
          </p>
        </Layout>
      )
    case 'already_completed':
      return (
        <Layout title="Already done" mark="good">
          <p>Consent was already given with this link. There is nothing more to do.</p>
          <p class="quiet">You can close this window.</p>
        </Layout>
      )
    case 'refused':
      return (
        <Layout title="Consent not given" mark="bad">
          <p>Microsoft reports that the app was not allowed to use mail. Nothing was changed.</p>
          <Step who={whoActs.tenant_admin}>
            <p>
              Open the same link again and accept. This requires a role that may consent for the
              organisation, such as Cloud Application Administrator. If you do not have one, send
              the link to an administrator who does.
            </p>
          </Step>
          <p class="quiet">You can close this window.</p>
        </Layout>
      )
  }
}
