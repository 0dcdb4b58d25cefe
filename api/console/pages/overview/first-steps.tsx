/** The first two steps of a new deployment, ticked off as they are done. */
import type { Integration } from '../../../../schema/integration.ts'
import { Badge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'

type Step = { isDone: boolean; title: string; text: string; href: string }

const stepsOf = ({ status, configured, problems }: Integration): Step[] => [
  configured && status === 'inactive'
    ? {
        isDone: false,
        title: 'Activate Microsoft',
        text: 'It is set up but inactive.',
        href: '#/integrations/microsoft',
      }
    : {
        isDone: configured && !problems.some(({ code }) => code === 'credential_rejected'),
        title: 'Set up Microsoft',
        text: 'Register an app once for all mailboxes, then enter its values. Every value is ready to copy.',
        href: '#/integrations/microsoft',
      },
  {
    isDone: false,
    title: 'Connect the first email account',
    text: 'Sign in as the mailbox, validate, save.',
    href: '#/email-accounts/new',
  },
]

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
            <StepState step={step} isNext={step === next} />
          </li>
        ))}
      </ol>
    </Card>
  )
}

function StepState({ step, isNext }: { step: Step; isNext: boolean }) {
  if (step.isDone) return <Badge tone="good">Done</Badge>
  return isNext ? (
    <a class="button main" href={step.href}>
      Start
    </a>
  ) : (
    <Badge tone="plain">Later</Badge>
  )
}
