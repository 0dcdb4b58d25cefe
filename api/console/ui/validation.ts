/** What a validation did, step by step, and the diagnosis when it did not pass. */
import type { Step, StepName } from '../../../schema/probe.ts'
import type { Validation } from '../../../schema/validation.ts'
import { h } from '../dom.ts'
import { diagnosisView } from './diagnosis.ts'
import { notice } from './notice.ts'
import { seconds } from './time.ts'

const names: Record<StepName, string> = {
  dns: 'Find the server',
  connect: 'Connect',
  tls: 'Encrypt',
  greeting: 'Greet',
  authenticate: 'Sign in',
  mailbox: 'Open the mailbox',
}
const signs: Record<Step['outcome'], [sign: string, word: string]> = {
  passed: ['✓', 'passed'],
  failed: ['✕', 'failed'],
  inconclusive: ['?', 'inconclusive'],
  skipped: ['–', 'not reached'],
}

const verdicts = {
  passed: ['good', 'It works'],
  failed: ['bad', 'It does not work'],
  inconclusive: ['ask', 'It could not be tried'],
} as const

export function validationView(validation: Validation): HTMLElement {
  const { outcome, identity, host, port, mechanism, protocol } = validation
  const [tone, title] = verdicts[outcome]
  const how = `Signed in as ${identity} at ${host}:${port}${mechanism ? ` with ${mechanism}` : ''}.`
  return h(
    'div',
    { class: 'stack' },
    notice(
      tone,
      title,
      outcome === 'passed' && h('div', {}, how),
      outcome === 'failed' && stopped(validation.steps),
      outcome === 'inconclusive' && h('div', {}, 'This says nothing about the password or token.'),
    ),
    validation.warnings.map((warning) => notice('ask', 'Worth knowing', h('div', {}, warning))),
    validation.diagnosis && diagnosisView(validation.diagnosis),
    validation.steps.length > 0 &&
      h(
        'ol',
        { class: 'steps', 'aria-label': 'Steps of the login' },
        // There is no mailbox to open where mail is sent.
        validation.steps.filter(({ name }) => protocol === 'imap' || name !== 'mailbox').map(step),
      ),
  )
}

/** Where it ended: the answer that counts, before the long explanation. */
function stopped(steps: readonly Step[]) {
  const last = steps.find(({ outcome }) => outcome === 'failed')
  return last && h('div', {}, `It stopped at "${names[last.name]}". `, last.detail)
}

const step = ({ name, outcome, duration_ms, detail }: Step) =>
  h(
    'li',
    { class: outcome },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, signs[outcome][0]),
    h('span', {}, names[name], h('span', { class: 'quiet' }, ` ${signs[outcome][1]}`)),
    h('span', { class: 'quiet small' }, outcome === 'skipped' ? '' : seconds(duration_ms)),
    detail && h('span', { class: 'detail' }, detail),
  )
