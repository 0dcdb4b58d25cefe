/** The Microsoft integration: a setup in three screens while nothing is stored, its settings afterwards. */
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { type Answer, get, request } from '../api.ts'
import { ScopeFieldset, ScopeNotice } from '../components/scope.tsx'
import { useLeaveGuard } from '../components/use-leave-guard.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { INTEGRATION } from './microsoft/check-screen.tsx'
import { Consent } from './microsoft/consent.tsx'
import { emptyCredentialDraft, isTyped } from './microsoft/credential-draft.ts'
import { Head } from './microsoft/head.tsx'
import { MakeNextCertificate } from './microsoft/make-next-certificate.tsx'
import { NextCredential, type StoredNext } from './microsoft/next-credential.tsx'
import { Register, secretStepOf } from './microsoft/register.tsx'
import { edit, isChanged, takePromoted } from './microsoft/settings-draft.ts'
import { SETTINGS } from './microsoft/settings-form.tsx'
import { StateCard } from './microsoft/state-card.tsx'
import { ValuesCard } from './microsoft/values-card.tsx'
import { useCheck } from './microsoft/verify.tsx'
import { Wizard } from './microsoft/wizard.tsx'

const GUIDE = `${INTEGRATION}/setup-guide`

type Stored = {
  integration: Integration
  settings: Answer<IntegrationSettings>
  guide: SetupGuide
}

export async function microsoftPage({ signal }: Visit): Promise<Page> {
  const [integration, settings, guide] = await Promise.all([
    get<Integration>(INTEGRATION, signal),
    request<IntegrationSettings>(SETTINGS, { signal }),
    get<SetupGuide>(GUIDE, signal),
  ])
  const view = <Microsoft first={{ integration, settings, guide }} signal={signal} />
  return { title: 'Microsoft settings', content: view }
}

function Microsoft({ first, signal }: { first: Stored; signal: AbortSignal }) {
  const [integration, setIntegration] = useState(first.integration)
  const [guide, setGuide] = useState(first.guide)
  const [editing, setEditing] = useState(() => edit(first.settings))
  const [next, setNext] = useState(() => withNext(first.settings.body))
  const [isSetup, setSetup] = useState(!first.integration.configured && may('admin'))
  const rotation = useRef<HTMLDetailsElement>(null)
  const check = useCheck(() => void showChecked())

  const isWaiting = next.next_credential !== null && next.undo_until === null
  const isUnsaved = isChanged(editing) || (!isWaiting && isTyped(next.draft, null))
  useLeaveGuard(isUnsaved ? UNSAVED : null)

  const refresh = () => get<Integration>(INTEGRATION, signal).then(setIntegration, ignore)
  const showNext = (stored: StoredNext) =>
    setNext((before) => (isSame(before, stored) ? before : withNext(stored)))

  /** Loads newer settings after an action of this page. */
  async function showNewer(): Promise<void> {
    const [newer] = await Promise.all([request<IntegrationSettings>(SETTINGS), refresh()])
    setEditing((before) => takePromoted(before, newer))
    showNext(newer.body)
  }
  const showChecked = () => showNewer().catch(ignore)
  function showSaved(settings: IntegrationSettings): void {
    check.clear()
    showNext(settings)
    void refresh()
    void get<SetupGuide>(GUIDE, signal).then(setGuide, ignore)
  }
  if (isSetup) {
    return (
      <Wizard
        guide={guide}
        integration={integration}
        editing={editing}
        onEdit={setEditing}
        onSaved={showSaved}
        onIntegration={setIntegration}
        onDone={() => {
          void showChecked()
          setSetup(false)
        }}
      />
    )
  }
  const { body: settings } = editing.stored
  const { credential } = settings
  const offer = may('admin') &&
    !isWaiting &&
    credential?.type === 'certificate' &&
    credential.generated && (
      <MakeNextCertificate
        expiring={credential}
        onMade={(made) => {
          showNext(made)
          showRotation(rotation.current)
        }}
      />
    )
  return (
    <>
      <Head
        integration={integration}
        offers={offer ? { secret_expiring: offer, secret_expired: offer } : {}}
        onSwitched={setIntegration}
      />
      <ScopeNotice
        scope="admin"
        text="Your API key can view these settings, but not change them."
      />
      <StateCard integration={integration} settings={settings} check={check} />
      <ValuesCard
        editing={editing}
        secretStep={secretStepOf(guide)}
        onEdit={setEditing}
        onSaved={(saved) => {
          showSaved(saved)
          // A new certificate has to be uploaded first.
          if (saved.credential?.type !== 'certificate') void check.run()
        }}
        onSetUp={() => setSetup(true)}
      />
      {may('admin') && (credential !== null || next.next_credential !== null) && (
        <NextCredential
          card={rotation}
          next={next.next_credential}
          undoUntil={next.undo_until}
          etag={editing.stored.etag}
          draft={next.draft}
          federated={settings.federated}
          onEdit={(changes) =>
            setNext((before) => ({ ...before, draft: { ...before.draft, ...changes } }))
          }
          onNext={showNext}
          onChanged={async () => {
            check.clear()
            await showNewer()
          }}
        />
      )}
      <Folded title="Let administrators consent">
        <p>
          In most organisations only an administrator can allow IMAP. This link asks for it once,
          for all mailboxes of the organisation. Personal accounts need no link.
        </p>
        <ScopeFieldset scope="write">
          <Consent />
        </ScopeFieldset>
      </Folded>
      <Folded title="App registration at Microsoft">
        <Register guide={guide} />
      </Folded>
    </>
  )
}

const UNSAVED = 'The changes to the Microsoft settings are not saved. Leave this page?'

/** The next credential, and the values typed while there is none. */
const withNext = ({ next_credential, undo_until }: StoredNext) => ({
  next_credential,
  undo_until,
  draft: emptyCredentialDraft(null),
})

const isSame = (a: StoredNext, b: StoredNext) =>
  a.undo_until === b.undo_until &&
  JSON.stringify(a.next_credential) === JSON.stringify(b.next_credential)

/** Opens the steps of the next credential, and takes the focus there. */
function showRotation(card: HTMLDetailsElement | null): void {
  if (!card) return
  card.open = true
  card.querySelector('summary')?.focus()
}

/** Ignores a failed refresh: the next load shows the values. */
const ignore = () => {}

const Folded = (props: { title: string; children: ComponentChildren }) => (
  <details class="card">
    <summary>{props.title}</summary>
    {props.children}
  </details>
)
