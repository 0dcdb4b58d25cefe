/** State of the integration: active or not, its credential, and the last check. */
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { IntegrationBadge } from '../../components/integration.tsx'
import { Ago } from '../../components/time.tsx'
import { may } from '../../rights.ts'
import { StoredCredential } from './stored-credential.tsx'
import { type Check, CheckResult } from './verify.tsx'

export const StateCard = (props: {
  integration: Integration
  settings: IntegrationSettings
  check: Check
}) => {
  const { integration, settings, check } = props
  const { credential, verified_at } = settings
  return (
    <Card title="State">
      <dl class="facts">
        <dt>Status</dt>
        <dd>
          <IntegrationBadge status={integration.status} />
        </dd>
        <dt>Credential</dt>
        <dd>
          <StoredCredential credential={credential} />
        </dd>
        <dt>Last check</dt>
        <dd>
          {verified_at === null ? (
            'Not checked since the last change'
          ) : (
            <>
              Accepted by Microsoft <Ago time={verified_at} />
            </>
          )}
        </dd>
      </dl>
      {credential !== null && may('admin') && (
        <div class="row after">
          <Button busy={check.busy} onClick={() => void check.run()}>
            Check now
          </Button>
        </div>
      )}
      <CheckResult check={check} />
    </Card>
  )
}
