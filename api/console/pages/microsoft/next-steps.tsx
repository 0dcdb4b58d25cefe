/** The remaining steps of the next credential: upload, check, promote. */
import type { ComponentChildren } from 'preact'
import type { Credential } from '../../../../schema/credential.ts'
import type { VerifyResult } from '../../../../schema/integration.ts'
import { Button } from '../../components/button.tsx'
import { CertificateView } from './certificate.tsx'
import { FederatedView } from './federated.tsx'
import { CredentialWords } from './stored-credential.tsx'
import { Verdict, type Verdicts } from './verify.tsx'

export type Action = 'verify' | 'promote' | 'forget' | 'undo'

const verdicts: Verdicts = {
  passed: ['good', 'The next credential works'],
  failed: ['bad', 'The next credential does not work'],
  inconclusive: ['ask', 'Not checked yet'],
}

export function NextSteps(props: {
  next: Credential
  /** Result of the last check, if there was one. */
  answer: VerifyResult | null
  running: Action | null
  onRun: (action: Action) => void
}) {
  const { next, answer, running, onRun } = props
  // Highlights the next step.
  const step: Action = answer?.outcome === 'passed' ? 'promote' : 'verify'
  const button = (action: Action, text: string) => (
    <Button
      class={action === step ? 'main' : undefined}
      busy={running === action}
      onClick={() => onRun(action)}
    >
      {text}
    </Button>
  )
  return (
    <ol class="guide">
      <Stage title="Stored beside the one in use">
        <p>
          <CredentialWords credential={next} />.
        </p>
      </Stage>
      {next.type === 'certificate' && (
        <Stage title="Upload it at Entra">
          <CertificateView credential={next} name="Next Mailgrant certificate" />
        </Stage>
      )}
      {next.type === 'federated' && (
        <Stage title="Add it at Entra">
          <FederatedView values={next} />
        </Stage>
      )}
      <Stage title="Check it">
        <p>Asks Microsoft whether it accepts the credential. No sign-in is required.</p>
        <div class="row">{button('verify', 'Check it')}</div>
        <div role="status" class="result">
          {answer && <Verdict answer={answer} of={verdicts} />}
        </div>
      </Stage>
      <Stage title="Promote it">
        <p>
          It replaces the one in use in one step. You can undo this for 7 days. Delete the old one
          in Entra once you are sure.
        </p>
        <div class="row">
          {button('promote', 'Promote')}
          {button('forget', 'Delete')}
        </div>
      </Stage>
    </ol>
  )
}

const Stage = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <li>
    <h3>{title}</h3>
    {children}
  </li>
)
