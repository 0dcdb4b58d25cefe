/** Rotation of the credential: the next one is stored beside the one in use, checked, and then promoted. */
import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Credential, CredentialInput } from '../../../../schema/credential.ts'
import type { IntegrationSettings, VerifyResult } from '../../../../schema/integration.ts'
import { post, problemOf, put, remove, request } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { Day } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import type { Tone } from '../../ui/tone.ts'
import type { CredentialDraft } from './credential-draft.ts'
import type { FederatedValues } from './federated.tsx'
import { NextForm } from './next-form.tsx'
import { type Action, NextSteps } from './next-steps.tsx'
import { SETTINGS } from './settings-form.tsx'
import { CredentialWords } from './stored-credential.tsx'

export const NEXT = `${SETTINGS}/next-credential`

const NO_MAILBOX =
  'Mailboxes are not affected: access tokens stay valid, and no new sign-ins are required.'

/** Result of the last action, in a status that takes the focus from the button that disappears. */
type Done = { tone: Tone; title: string; text?: string }

const DONE = {
  stored: { tone: 'good', title: 'Next credential added', text: 'Nothing uses it yet.' },
  promoted: { tone: 'good', title: 'The new credential is in use', text: NO_MAILBOX },
  undone: { tone: 'good', title: 'The previous credential is in use again', text: NO_MAILBOX },
  forgotten: { tone: 'plain', title: 'Pending credential deleted' },
} satisfies Record<string, Done>

export type StoredNext = Pick<IntegrationSettings, 'next_credential' | 'undo_until'>

type NextCredentialProps = {
  card: RefObject<HTMLDetailsElement | null>
  next: Credential | null
  /** Until then, `next` is the replaced credential, which can be put back; null if it was not in use yet. */
  undoUntil: string | null
  /** Version of the settings on this page. */
  etag: string | null
  draft: CredentialDraft
  federated: FederatedValues
  onEdit: (changes: Partial<CredentialDraft>) => void
  /** Receives the next credential as stored. */
  onNext: (stored: StoredNext) => void
  /** Shows the latest settings. */
  onChanged: () => Promise<void>
}

export function NextCredential(props: NextCredentialProps) {
  const { card, next, undoUntil, etag, draft, federated, onEdit, onNext, onChanged } = props
  const { running, problem, run } = useAction<Action>()
  const [done, setDone] = useState<Done | null>(null)
  const [tried, setTried] = useState<{ next: Credential; answer: VerifyResult } | null>(null)
  const [question, confirm] = useConfirm()
  const status = useRef<HTMLDivElement>(null)
  const isOpen = useRef(next !== null)

  const answer = tried !== null && tried.next === next ? tried.answer : null
  const showDone = (what: Done) => {
    setDone(what)
    status.current?.focus()
  }

  async function store(input: CredentialInput): Promise<void> {
    setDone(null)
    onNext(await put<IntegrationSettings>(NEXT, input))
    showDone(DONE.stored)
  }

  /** Exchanges the credentials. The ETag keeps two people from undoing what the other one does. */
  async function exchange(what: Done): Promise<void> {
    const headers = etag === null ? {} : { 'if-match': etag }
    try {
      await request(`${SETTINGS}/promote`, { method: 'POST', body: {}, headers })
    } catch (error) {
      if (problemOf(error).code === 'precondition_failed') await onChanged()
      throw error
    }
    await onChanged()
    showDone(what)
  }

  const actions: Record<Action, (next: Credential) => Promise<void>> = {
    async verify(next) {
      setTried(null)
      const body = { credential: 'next' }
      setTried({ next, answer: await post<VerifyResult>(`${SETTINGS}/verify`, body) })
    },
    async promote() {
      if (await confirm(promoting(answer?.outcome === 'passed'))) await exchange(DONE.promoted)
    },
    undo: () => exchange(DONE.undone),
    async forget() {
      if (!(await confirm(forgetting))) return
      await remove(NEXT)
      onNext({ next_credential: null, undo_until: null })
      showDone(DONE.forgotten)
    },
  }
  const start = (action: Action, next: Credential) => {
    setDone(null)
    void run(() => actions[action](next), action)
  }
  return (
    <details class="card" open={isOpen.current} ref={card}>
      <summary>Rotate the credential</summary>
      <p>
        Before a credential expires, or to do without a secret: add the next one, check it, and
        promote it when it works. {NO_MAILBOX}
      </p>
      {next !== null && undoUntil !== null && (
        <Notice tone="plain" title="You can undo the last promotion">
          <div>
            <CredentialWords credential={next} />.
          </div>
          <div>
            Mailgrant keeps it until <Day time={undoUntil} />, or until you add a next credential.
          </div>
          <div class="row after">
            <Button busy={running === 'undo'} onClick={() => start('undo', next)}>
              Undo
            </Button>
          </div>
        </Notice>
      )}
      {next === null || undoUntil !== null ? (
        <NextForm draft={draft} federated={federated} onEdit={onEdit} onStore={store} />
      ) : (
        <NextSteps
          next={next}
          answer={answer}
          running={running}
          onRun={(action) => start(action, next)}
        />
      )}
      <ProblemAlert class="result" problem={problem} />
      {problem?.diagnosis && (
        <div class="result">
          <DiagnosisView diagnosis={problem.diagnosis} />
        </div>
      )}
      <div role="status" class="result" tabIndex={-1} ref={status}>
        {done && (
          <Notice tone={done.tone} title={done.title}>
            {done.text && <div>{done.text}</div>}
          </Notice>
        )}
      </div>
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
          <strong>It was not checked just now. </strong>
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
  title: 'Delete the pending credential?',
  children: (
    <p>
      The credential in use stays. If Mailgrant generated the key, the key is lost, and its
      certificate in Entra becomes useless.
    </p>
  ),
  yes: 'Delete',
  danger: true,
}
