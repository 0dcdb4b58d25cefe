/** Rotation of the credential: the next one is stored beside the one in use, checked, and then promoted. */
import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Credential, CredentialInput } from '../../../../schema/credential.ts'
import type { IntegrationSettings, VerifyResult } from '../../../../schema/integration.ts'
import { post, problemOf, put, remove } from '../../api.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { useAction } from '../../components/use-action.ts'
import type { Tone } from '../../ui/tone.ts'
import { count } from '../../ui/words.ts'
import type { CredentialDraft } from './credential-draft.ts'
import type { FederatedValues } from './federated.tsx'
import { NextForm } from './next-form.tsx'
import { type Action, NextSteps } from './next-steps.tsx'
import { SETTINGS } from './settings-form.tsx'

export const NEXT = `${SETTINGS}/next-credential`

const NO_MAILBOX =
  'Mailboxes are not affected: access tokens stay valid, and no new sign-ins are required.'

/** Result of the last action, in a status that takes the focus from the button that disappears. */
type Done = { tone: Tone; title: string; text?: string }

const DONE = {
  stored: { tone: 'good', title: 'Next credential added', text: 'Nothing uses it yet.' },
  promoted: { tone: 'good', title: 'The new credential is in use', text: NO_MAILBOX },
  forgotten: { tone: 'plain', title: 'Pending credential deleted' },
} satisfies Record<string, Done>

type NextCredentialProps = {
  card: RefObject<HTMLDetailsElement | null>
  next: Credential | null
  draft: CredentialDraft
  federated: FederatedValues
  /** Aborts when the page is left. */
  signal: AbortSignal
  onEdit: (changes: Partial<CredentialDraft>) => void
  /** Receives the next credential as stored. */
  onNext: (next: Credential | null) => void
  /** Shows the settings after the next one has become the one in use. */
  onPromoted: () => Promise<void>
}

export function NextCredential(props: NextCredentialProps) {
  const { card, next, draft, federated, signal, onEdit, onNext, onPromoted } = props
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
    onNext((await put<IntegrationSettings>(NEXT, input)).next_credential)
    showDone(DONE.stored)
  }

  async function verify(next: Credential): Promise<void> {
    const body = { credential: 'next' }
    setTried({ next, answer: await post<VerifyResult>(`${SETTINGS}/verify`, body) })
  }

  /** Promotes, and asks once more where mailboxes could be lost. Resolves with null if the answer is no. */
  async function promote(isConfirmed = false): Promise<IntegrationSettings | null> {
    try {
      return await post<IntegrationSettings>(
        `${SETTINGS}/promote${isConfirmed ? '?confirm=true' : ''}`,
      )
    } catch (error) {
      const { code, grants = 0 } = problemOf(error)
      if (code !== 'grants_depend' || isConfirmed) throw error
      return (await confirm(promotingUntried(grants))) ? promote(true) : null
    }
  }

  const actions: Record<Action, (next: Credential) => Promise<void>> = {
    async verify(next) {
      setTried(null)
      await verify(next)
    },
    async promote() {
      if (!(await confirm(promoting(answer?.outcome === 'passed')))) return
      const promoted = await promote()
      if (promoted === null) return
      onNext(promoted.next_credential)
      await onPromoted()
      showDone(DONE.promoted)
    },
    async forget() {
      if (!(await confirm(forgetting))) return
      await remove(NEXT)
      onNext(null)
      showDone(DONE.forgotten)
    },
  }
  return (
    <details class="card" open={isOpen.current} ref={card}>
      <summary>Rotate the credential</summary>
      <p>
        Before a credential expires, or to do without a secret: add the next one, check it, and
        promote it when it works. {NO_MAILBOX}
      </p>
      {next === null ? (
        <NextForm draft={draft} federated={federated} onEdit={onEdit} onStore={store} />
      ) : (
        <NextSteps
          next={next}
          answer={answer}
          running={running}
          signal={signal}
          onTried={() => void run(() => verify(next), 'verify')}
          onRun={(action) => {
            setDone(null)
            void run(() => actions[action](next), action)
          }}
        />
      )}
      <ProblemAlert class="result" problem={problem} />
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
      <p>It replaces the one in use. {NO_MAILBOX}</p>
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

/** `grants`: those of personal accounts, for which no check is possible. */
const promotingUntried = (grants: number) => ({
  title: 'Promote it although no personal account has tried it?',
  children: (
    <p>
      {count(grants, 'personal account is', 'personal accounts are')} connected. If Microsoft does
      not accept this credential for personal accounts, they get no new access tokens until you
      replace it. To find out first, cancel, and try it with a sign-in.
    </p>
  ),
  yes: 'Promote anyway',
  danger: true,
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
