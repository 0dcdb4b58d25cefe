/** Page for an administrator after Microsoft's consent page. */
import type { AdminConsentOutcome } from '../domain/app/admin-consent.ts'
import { type Frame, Layout } from './layout.tsx'
import { Step } from './next-step.tsx'

type Kind = Exclude<AdminConsentOutcome, { kind: 'rejected' }>['kind']

/** Repeats what the response claims, which is unverified: the next sign-in shows whether consent works. */
export function AdminConsentPage({ frame, kind }: { frame: Frame; kind: Kind }) {
  const { texts } = frame
  const { adminConsent, whoActs, closeWindow } = texts
  const { title, text, step, note } = adminConsent[kind]
  const refused = kind === 'refused'
  return (
    <Layout frame={frame} title={title} mark={refused ? 'bad' : 'good'}>
      <p>{text}</p>
      {step && (
        <Step texts={texts} who={refused ? whoActs.tenant_admin : undefined}>
          <p>{step}</p>
        </Step>
      )}
      {note && <p class="quiet">{note}</p>}
      <p class="quiet">{closeWindow}</p>
    </Layout>
  )
}
