/** Another credential without a gap: stored beside the one in use, tried, and only then taken. */
import type { Credential } from '../../../../schema/credential.ts'
import type { IntegrationSettings, VerifyResult } from '../../../../schema/integration.ts'
import { ApiError, post, put, remove } from '../../api.ts'
import { type Children, fill, h } from '../../dom.ts'
import { whileBusy } from '../../ui/busy.ts'
import { confirm } from '../../ui/dialog.ts'
import { complainAtFields, notice, problemNotice } from '../../ui/notice.ts'
import { certificateView, credentialWords } from './certificate.ts'
import { credentialFields } from './credential-fields.ts'
import { type Verdicts, verdictView } from './verify.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const NEXT = `${SETTINGS}/next-credential`

const verdicts: Verdicts = {
  passed: ['good', 'The next one works'],
  failed: ['bad', 'The next one does not work'],
  inconclusive: ['ask', 'It could not be tried'],
}

export type NextCredentialPart = {
  element: HTMLElement
  typed: () => boolean
  show: (settings: IntegrationSettings) => void
}

/** `promoted` hears when the next one has become the one in use. */
export function nextCredentialPart(
  first: IntegrationSettings,
  promoted: () => Promise<void>,
): NextCredentialPart {
  const parts = credentialFields({
    kind: 'The next one is a',
    secret: 'Next client secret',
    end: 'End date of the next secret',
  })
  const body = h('div', {})
  const said = h('div', { role: 'status', class: 'result', tabindex: '-1' })
  const wrong = h('div', { role: 'alert', class: 'result' })
  const verdict = h('div', { role: 'status', class: 'result' })
  const store = h('button', { type: 'submit' }, 'Store as the next one')
  const form = h(
    'form',
    {
      'aria-label': 'Next credential',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        void run(store, storeNext)
      },
    },
    h(
      'p',
      { class: 'quiet' },
      'Nothing uses it yet. Make a new one at Entra, or a certificate here.',
    ),
    parts.element,
    h('div', { class: 'row' }, store),
  )
  let passed = false
  let shown: string | null = null

  async function run(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
    fill(said)
    fill(wrong)
    fill(verdict)
    try {
      await whileBusy(button, work)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const { problem } = error
      const asId = problem.code === 'client_secret_is_an_id'
      const about = asId
        ? { errors: [{ pointer: '/client_secret', message: problem.detail }] }
        : problem
      if (!complainAtFields(about, parts.fields(''))) fill(wrong, problemNotice(problem))
    }
  }

  async function storeNext(): Promise<void> {
    const input = parts.read()
    if (input === undefined) {
      const [field] = Object.values(parts.fields(''))
      field?.complain('Enter it first.')
      field?.input.focus()
      return
    }
    show(await put<IntegrationSettings>(NEXT, input))
    fill(said, notice('good', 'Stored as the next one', h('div', {}, 'Nothing uses it yet.')))
    said.focus()
  }

  async function verify(): Promise<void> {
    const answer = await post<VerifyResult>(`${SETTINGS}/verify`, { credential: 'next' })
    showStep(answer.outcome === 'passed')
    fill(verdict, verdictView(answer, verdicts))
  }

  async function promote(): Promise<void> {
    if (!(await confirm(promoting(passed)))) return
    show(await post<IntegrationSettings>(`${SETTINGS}/promote`))
    await promoted()
    fill(said, notice('good', 'It is in use from now on', h('div', {}, NO_MAILBOX)))
    said.focus()
  }

  async function forget(): Promise<void> {
    if (!(await confirm(forgetting))) return
    await remove(NEXT)
    showNext(null)
    fill(said, notice('plain', 'The next one is forgotten'))
    said.focus()
  }

  const button = (text: string, work: () => Promise<void>): HTMLButtonElement => {
    const made = h('button', { type: 'button' }, text)
    made.addEventListener('click', () => void run(made, work))
    return made
  }
  const tryIt = button('Verify next', verify)
  const use = button('Use it from now on', promote)

  /** What is to be done first stands out: trying it, and then using it. */
  function showStep(works: boolean): void {
    passed = works
    tryIt.classList.toggle('main', !works)
    use.classList.toggle('main', works)
  }

  function showNext(next: Credential | null): void {
    showStep(false)
    shown = JSON.stringify(next)
    parts.reset(null)
    fill(body, next === null ? form : chosenView(next))
  }

  const chosenView = (next: Credential) =>
    h(
      'ol',
      { class: 'guide' },
      stage('Stored beside the one in use', h('p', {}, credentialWords(next), '.')),
      next.type === 'certificate' &&
        stage('Upload it at Entra', certificateView(next, 'Next Mailgrant certificate')),
      stage(
        'Try it',
        h(
          'p',
          {},
          'Asks Microsoft whether it is accepted. Nobody signs in, and no mailbox is touched.',
        ),
        h('div', { class: 'row' }, tryIt),
        verdict,
      ),
      stage(
        'Take it into use',
        h(
          'p',
          {},
          'In one step, so that no call to Microsoft is ever without a credential. The one before is forgotten here; remove it at Entra too.',
        ),
        h('div', { class: 'row' }, use, button('Forget it', forget)),
      ),
    )

  function show(settings: IntegrationSettings): void {
    const { credential, next_credential: next } = settings
    element.hidden = credential === null && next === null
    if (shown !== JSON.stringify(next)) showNext(next)
  }

  const element = h(
    'section',
    { class: 'card', 'aria-label': 'Change the credential without a gap' },
    h('h2', {}, 'Change the credential without a gap'),
    h(
      'p',
      {},
      'Before a client secret or certificate ends: store the next one beside it, try it, and take it into use when it works. ',
      NO_MAILBOX,
    ),
    body,
    wrong,
    said,
  )
  show(first)
  return { element, typed: () => parts.typed() && form.isConnected, show }
}

const NO_MAILBOX = 'No mailbox is touched: every access token stays, and nobody signs in again.'

const stage = (title: string, ...children: Children[]) =>
  h('li', {}, h('h3', {}, title), ...children)

const promoting = (passed: boolean) => ({
  title: 'Use the next credential from now on?',
  text: [
    h('p', {}, 'The one in use is forgotten in the same moment. ', NO_MAILBOX),
    !passed &&
      h(
        'p',
        {},
        h('strong', {}, 'It was not verified just now. '),
        'If Microsoft does not accept it, no mailbox gets a new access token until there is one that works.',
      ),
  ],
  yes: 'Use it from now on',
  danger: !passed,
})

const forgetting = {
  title: 'Forget the next credential?',
  text: h(
    'p',
    {},
    'The one in use stays. A key that was made here is lost; its certificate at Entra is then of no use.',
  ),
  yes: 'Forget it',
  danger: true,
}
