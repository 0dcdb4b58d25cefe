/** The first two steps of a new deployment, ticked off as they are done. */
import type { Integration } from '../../../../schema/integration.ts'
import { Badge, Card } from '../../components/layout.tsx'

type Step = { isDone: boolean; title: string; text: string; href: string }

const stepsOf = (integration: Integration): Step[] => [
  { ...microsoftStep(integration), href: '#/integrations/microsoft' },
  {
    isDone: false,
    title: 'Connect the first mailbox',
    text: 'Sign in as the mailbox, validate and save.',
    href: '#/mailboxes/new',
  },
]

function microsoftStep({ status, configured, verified_at }: Integration): Omit<Step, 'href'> {
  if (configured && status === 'inactive') {
    return { isDone: false, title: 'Activate Microsoft', text: 'It is set up but inactive.' }
  }
  if (configured && verified_at === null) {
    const text = 'It is set up, but not yet verified with Microsoft.'
    return { isDone: false, title: 'Verify Microsoft', text }
  }
  const text =
    'Register an app once for all mailboxes. A script does it, or you copy every value by hand.'
  return { isDone: configured, title: 'Set up Microsoft', text }
}

export function FirstSteps({ integration }: { integration: Integration }) {
  const steps = stepsOf(integration)
  const next = steps.find(({ isDone }) => !isDone)
  return (
    <Card title="Two steps to the first mailbox">
      <ol class="first-steps">
        {steps.map((step, index) => (
          <li key={step.href} class={step.isDone ? 'done' : undefined}>
            <span class="number" aria-hidden="true">
              {step.isDone ? '✓' : index + 1}
            </span>
            <div>
              <a href={step.href}>{step.title}</a>
              <div class="quiet">{step.text}</div>
            </div>
            {step.isDone && <Badge tone="good">Done</Badge>}
            {step === next && (
              <a class="button main" href={step.href}>
                Start
              </a>
            )}
          </li>
        ))}
      </ol>
    </Card>
  )
}
