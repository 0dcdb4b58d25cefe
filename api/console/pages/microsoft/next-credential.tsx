/** Rotation of the credential: the next one is stored beside the one in use, checked, and then promoted. */
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Credential } from '../../../../schema/credential.ts'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import { ApiError, problemOf, put, remove, request } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { Day } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import type { Tone } from '../../ui/state.ts'
import {
  type CredentialDraft,
  credentialErrors,
  credentialInputOf,
  emptyCredentialDraft,
  shownIn,
  tidyCredential,
} from './credential-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import {
  CertificateView,
  CredentialSummary,
  type FederatedValues,
  FederatedView,
} from './credential-views.tsx'
import { atFields } from './settings-draft.ts'
import { NEXT, SETTINGS } from './settings-form.tsx'
import { CheckResult, useCheck } from './verify.tsx'

const NO_MAILBOX =
  'Mailboxes are not affected. Access tokens stay valid, and no new sign-ins are required.'

/** Result of the last action, in a status that takes the focus from the button that disappears. */
type Done = { tone: Tone; title: string; text?: string }

const DONE = {
  stored: { tone: 'good', title: 'Next credential added', text: 'Nothing uses it yet.' },
  promoted: { tone: 'good', title: 'The new credential is in use', text: NO_MAILBOX },
  undone: { tone: 'good', title: 'The previous credential is in use again', text: NO_MAILBOX },
  forgotten: { tone: 'plain', title: 'Next credential deleted' },
} satisfies Record<string, Done>

type StoredNext = Pick<IntegrationSettings, 'next_credential' | 'undo_until'>

/** Returns the next credential as it is stored, and the form that stores one. */
export function useNextCredential(first: IntegrationSettings) {
  const [stored, setStored] = useState(() => nextOf(first))
  const shown = useRef(stored)
  const form = useForm<CredentialDraft>({
    initial: nextDraft(first),
    within: (draft) => shownIn(draft, ''),
    tidy: tidyCredential,
    check: (draft) => credentialErrors(draft, null, ''),
    send: async (draft) => {
      const input = credentialInputOf(draft, null)
      if (input === undefined) return false
      show(await put<IntegrationSettings>(NEXT, input).catch(refuseAtFields))
      return true
    },
  })
  /** Shows the stored credential, and discards what was typed for another one. */
  function show(settings: StoredNext): void {
    const next = nextOf(settings)
    if (JSON.stringify(next) === JSON.stringify(shown.current)) return
    shown.current = next
    setStored(next)
    form.reset()
  }
  // A replaced credential does not keep a next one from being stored.
  const isWaiting = stored.next_credential !== null && stored.undo_until === null
  return { ...stored, form, show, isWaiting, isChanged: !isWaiting && form.isChanged }
}

/** Begins with a certificate after a certificate, with the same lifetime. */
const nextDraft = ({ credential }: IntegrationSettings): CredentialDraft => ({
  ...emptyCredentialDraft(null),
  ...(credential?.type === 'certificate' && {
    kind: credential.type,
    lifetimeDays: String(credential.lifetime_days),
  }),
})

const nextOf = ({ next_credential, undo_until }: StoredNext) => ({ next_credential, undo_until })

const refuseAtFields = (error: unknown): never => {
  throw new ApiError(atFields(problemOf(error), ''))
}

type NextCredentialProps = {
  state: ReturnType<typeof useNextCredential>
  /** Version of the settings on this page. */
  etag: string | null
  federated: FederatedValues
  /** Shows the latest settings. */
  onChanged: () => Promise<void>
}

export function NextCredential({ state, etag, federated, onChanged }: NextCredentialProps) {
  // Until `undo_until`, the replaced credential is here, and can be put back.
  const { next_credential: next, undo_until: undoUntil, form, show, isWaiting } = state
  const { running, problem, run } = useAction<Action>()
  const [done, setDone] = useState<Done | null>(null)
  const [question, confirm] = useConfirm()
  const status = useRef<HTMLDivElement>(null)
  const isOpen = useRef(next !== null)

  const showDone = (what: Done) => {
    setDone(what)
    status.current?.focus()
  }

  async function add(): Promise<boolean> {
    setDone(null)
    const isAdded = await form.submission.submit()
    if (isAdded) showDone(DONE.stored)
    return isAdded
  }

  /** Exchanges the credentials. The ETag keeps two people from undoing each other's exchange. */
  async function exchange(what: Done): Promise<void> {
    try {
      await request(`${SETTINGS}/promote`, { method: 'POST', body: {}, etag })
    } catch (error) {
      if (problemOf(error).code === 'precondition_failed') await onChanged()
      throw error
    }
    await onChanged()
    showDone(what)
  }

  const actions = {
    /** `isVerified`: Microsoft has just accepted it. */
    async promote(isVerified: boolean) {
      if (await confirm(promoting(isVerified))) await exchange(DONE.promoted)
    },
    undo: () => exchange(DONE.undone),
    async forget() {
      if (!(await confirm(forgetting))) return
      await remove(NEXT)
      show({ next_credential: null, undo_until: null })
      showDone(DONE.forgotten)
    },
  }
  const start = (action: Action, isVerified = false) => {
    setDone(null)
    void run(() => actions[action](isVerified), action)
  }
  return (
    <details open={isOpen.current}>
      <summary>Rotate the credential</summary>
      <p>
        Before a credential expires, or to do without a secret: add the next one, verify it, and
        promote it when it works. {NO_MAILBOX}
      </p>
      <div role="status" tabIndex={-1} ref={status}>
        {done && <Notice {...done} />}
      </div>
      {next !== null && undoUntil !== null && (
        <Notice tone="plain" title="You can undo the last promotion">
          <div>
            <CredentialSummary credential={next} />.
          </div>
          <div>
            Mailgrant keeps it until <Day time={undoUntil} />, or until you add a next credential.
          </div>
          <div class="row after">
            <Button busy={running === 'undo'} onClick={() => start('undo')}>
              Undo
            </Button>
          </div>
        </Notice>
      )}
      {next === null || !isWaiting ? (
        <Form
          label="Next credential"
          button="Add next credential"
          minor
          submission={{ ...form.submission, submit: add }}
        >
          <CredentialFields
            label="Next client secret"
            part={{ ...form, errors: form.submission.errors }}
            stored={null}
            federated={federated}
            at=""
          />
        </Form>
      ) : (
        <NextSteps key={JSON.stringify(next)} next={next} running={running} onRun={start} />
      )}
      <ProblemAlert class="result" problem={problem} />
      {question}
    </details>
  )
}

const promoting = (passed: boolean) => ({
  title: 'Promote the next credential?',
  children: (
    <>
      <p>It replaces the one in use. You can undo this for 7 days. {NO_MAILBOX}</p>
      {!passed && (
        <p>
          <strong>It was not verified just now. </strong>
          If Microsoft does not accept it, no mailbox gets a new access token until you enter one
          that works.
        </p>
      )}
    </>
  ),
  yes: 'Promote',
  danger: !passed,
})

const forgetting = {
  title: 'Delete the next credential?',
  children: (
    <p>
      The credential in use stays. The key of a certificate is lost, so its certificate in Entra
      becomes useless.
    </p>
  ),
  yes: 'Delete',
  danger: true,
}

type Action = 'promote' | 'forget' | 'undo'

function NextSteps(props: {
  next: Credential
  running: Action | null
  /** `isVerified`: Microsoft has just accepted it. */
  onRun: (action: Action, isVerified?: boolean) => void
}) {
  const { next, running, onRun } = props
  const check = useCheck(() => {}, 'next')
  const isVerified = check.result?.outcome === 'passed'
  return (
    <ol class="guide">
      <Stage title="Stored beside the one in use">
        <p>
          <CredentialSummary credential={next} />.
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
      <Stage title="Verify it">
        <p>Asks Microsoft whether it accepts the credential. No sign-in is required.</p>
        <div class="row">
          <Button
            class={isVerified ? undefined : 'main'}
            busy={check.busy}
            onClick={() => void check.run()}
          >
            Verify it
          </Button>
        </div>
        <CheckResult check={check} />
      </Stage>
      <Stage title="Promote it">
        <p>
          It replaces the one in use in one step. You can undo this for 7 days. Delete the old one
          in Entra once you are sure.
        </p>
        <div class="row">
          <Button
            class={isVerified ? 'main' : undefined}
            busy={running === 'promote'}
            onClick={() => onRun('promote', isVerified)}
          >
            Promote
          </Button>
          <Button busy={running === 'forget'} onClick={() => onRun('forget')}>
            Delete
          </Button>
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
