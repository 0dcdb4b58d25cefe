/** "Make the next certificate", in the warning that the one in use expires. */
import type { Credential } from '../../../../schema/credential.ts'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import { put } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { useAction } from '../../components/use-action.ts'
import { NEXT } from './next-credential.tsx'

type Certificate = Extract<Credential, { type: 'certificate' }>

export function MakeNextCertificate(props: {
  expiring: Certificate
  /** Receives the new certificate as stored. */
  onMade: (settings: IntegrationSettings) => void
}) {
  const { expiring, onMade } = props
  const { busy, problem, run } = useAction()
  const make = async () => {
    const lifetime_days = expiring.lifetime_days ?? undefined
    const input = { type: 'certificate', lifetime_days }
    onMade(await put<IntegrationSettings>(NEXT, input))
  }
  return (
    <>
      <div class="row after">
        <Button busy={busy} onClick={() => run(make)}>
          Make the next certificate
        </Button>
      </div>
      <ProblemAlert problem={problem} />
    </>
  )
}
