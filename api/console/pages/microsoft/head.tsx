/** The head of the Microsoft settings: the button that activates the integration, and its problems. */
import { useState } from 'preact/hooks'
import type { Integration } from '../../../../schema/integration.ts'
import type { Problem } from '../../api.ts'
import {
  IntegrationProblems,
  IntegrationSwitch,
  type Offers,
  SwitchedNotice,
} from '../../components/integration.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { PageHead } from '../../components/page-head.tsx'

export function Head(props: {
  integration: Integration
  offers: Offers
  onSwitched: (integration: Integration) => void
}) {
  const { integration, offers, onSwitched } = props
  const [switched, setSwitched] = useState<Integration | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  return (
    <>
      <PageHead
        title="Microsoft settings"
        lead="The app registration, for all mailboxes."
        back={{ href: '#/integrations', text: 'Third-Party Integrations' }}
      >
        <IntegrationSwitch
          integration={integration}
          onSwitched={(now) => {
            setProblem(null)
            setSwitched(now)
            onSwitched(now)
          }}
          onProblem={setProblem}
        />
      </PageHead>
      <div role="status">{switched && <SwitchedNotice integration={switched} />}</div>
      <ProblemAlert problem={problem} />
      <IntegrationProblems
        problems={integration.problems}
        currentHref="#/integrations/microsoft"
        offers={offers}
      />
    </>
  )
}
