/** Last screen of the setup: activates, asks Microsoft, and leads on to the first mailbox or back to what is wrong. */
import { useEffect, useRef } from 'preact/hooks'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import { get, post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import type { Errors } from '../../ui/errors.ts'
import { CertificateView } from './certificate.tsx'
import { Consent } from './consent.tsx'
import { FederatedView } from './federated.tsx'
import { blamedField, isUnchecked } from './settings-draft.ts'
import { CheckResult, useCheck } from './verify.tsx'

export const INTEGRATION = '/v1/integrations/microsoft'

type CheckScreenProps = {
  settings: IntegrationSettings
  integration: Integration
  onIntegration: (integration: Integration) => void
  /** Goes back to the values, with what is wrong there. */
  onBack: (faults?: Errors) => void
}

export function CheckScreen({ settings, integration, onIntegration, onBack }: CheckScreenProps) {
  const { credential } = settings
  const isCertificate = credential?.type === 'certificate'
  const next = useRef<HTMLDivElement>(null)
  const check = useCheck(() => void get<Integration>(INTEGRATION).then(onIntegration, () => {}))
  const { busy, answer } = check
  const run = () =>
    void check.run(async () => {
      if (integration.status === 'active') return
      onIntegration(await post<Integration>(`${INTEGRATION}/activate`))
    })
  // Runs once, and not before a certificate can have been uploaded.
  useEffect(() => {
    if (!isCertificate) run()
  }, [])
  useEffect(() => {
    if (answer !== null) next.current?.querySelector<HTMLElement>('.main')?.focus()
  }, [answer])

  const isOpen = isUnchecked(settings, answer)
  const blamed = answer && blamedField(answer)
  const isDone = answer?.outcome === 'passed' || isOpen
  return (
    <div class="stack">
      {isCertificate && <CertificateView credential={credential} name="Mailgrant certificate" />}
      <div class="checked">
        <CheckResult check={check} />
      </div>
      {credential?.type === 'federated' && answer && answer.outcome !== 'passed' && (
        <FederatedView values={credential} />
      )}
      {isDone && (
        <p>
          The settings are saved, and Microsoft is active.
          {isOpen && ' You can continue: the first sign-in shows whether the credential works.'}
        </p>
      )}
      <div class="row" ref={next}>
        {isDone && (
          <a class="button main" href="#/email-accounts/new">
            Connect the first mailbox
          </a>
        )}
        {isOpen && (
          <Button
            onClick={() => onBack({ '/home_tenant': 'Enter it to have the credential checked.' })}
          >
            Enter the Directory (tenant) ID
          </Button>
        )}
        {blamed && (
          <Button class="main" onClick={() => onBack(blamed)}>
            Correct the values
          </Button>
        )}
        {!isDone && (
          <Button class={blamed ? undefined : 'main'} busy={busy} onClick={run}>
            {isCertificate && answer === null ? 'Check' : 'Check again'}
          </Button>
        )}
        {!isDone && !blamed && <Button onClick={() => onBack()}>Back</Button>}
      </div>
      {answer?.outcome === 'passed' && (
        <details>
          <summary>Link for an administrator who has to consent</summary>
          <Consent />
        </details>
      )}
    </div>
  )
}
