/** The first three steps of a new deployment, ticked off as they are done. */
import type { Integration } from '../../../../schema/integration.ts'

type Step = { isDone: boolean; title: string; text: string; href: string }

const stepsOf = ({ status, configured }: Integration): Step[] => [
  {
    isDone: status === 'active',
    title: 'Activate Microsoft',
    text: 'It is off until you switch it on.',
    href: '#/integrations',
  },
  {
    isDone: configured,
    title: 'Register an app and enter it',
    text: 'Once at Microsoft, for all mailboxes. Every value is there to copy.',
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
    <div class="card">
      <h2>Three steps to the first mailbox</h2>
      <ol class="first-steps">
        {steps.map((step, index) => (
          <li key={step.href} class={step.isDone ? 'done' : undefined}>
            <span class="number" aria-hidden="true">
              {step.isDone ? '✓' : index + 1}
            </span>
            <div>
              <a href={step.href}>{step.title}</a>
              {step.isDone && <span class="quiet"> Done</span>}
              <div class="quiet">{step.text}</div>
            </div>
            {step === next && (
              <a class="button main" href={step.href}>
                Start
              </a>
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}
