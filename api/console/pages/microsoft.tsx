/** The settings of the Microsoft integration, in the order in which an admin works through them. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Credential } from '../../../schema/credential.ts'
import type { Integration, IntegrationSettings, VerifyResult } from '../../../schema/integration.ts'
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { type Answer, get, request } from '../api.ts'
import { useObjection } from '../components/objection.ts'
import { Explained, Guarded } from '../components/rights.tsx'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { Consent } from './microsoft/consent.tsx'
import { emptyCredentialDraft, isTyped } from './microsoft/credential-draft.ts'
import { Head } from './microsoft/head.tsx'
import { NextCredential } from './microsoft/next-credential.tsx'
import { Register } from './microsoft/register.tsx'
import { edit, isChanged, takePromoted } from './microsoft/settings-draft.ts'
import { SETTINGS, SettingsForm } from './microsoft/settings-form.tsx'
import { Verify } from './microsoft/verify.tsx'

const INTEGRATION = '/v1/integrations/microsoft'
const GUIDE = '/v1/integrations/microsoft/setup-guide'

type Stored = {
  integration: Integration
  settings: Answer<IntegrationSettings>
  guide: SetupGuide
}

export async function microsoftPage(visit: Visit): Promise<Page> {
  const { signal } = visit
  const [integration, settings, guide] = await Promise.all([
    get<Integration>(INTEGRATION, signal),
    request<IntegrationSettings>(SETTINGS, { signal }),
    get<SetupGuide>(GUIDE, signal),
  ])
  const view = <Microsoft first={{ integration, settings, guide }} visit={visit} />
  return { title: 'Microsoft settings', content: view }
}

function Microsoft({ first, visit }: { first: Stored; visit: Visit }) {
  const { signal, beforeLeaving } = visit
  const [integration, setIntegration] = useState(first.integration)
  const [guide, setGuide] = useState(first.guide)
  const [editing, setEditing] = useState(() => edit(first.settings))
  const [next, setNext] = useState(() => withNext(first.settings.body.next_credential))
  const [answer, setAnswer] = useState<VerifyResult | null>(null)

  const hasChanges = isChanged(editing)
  const objects = hasChanges || (next.stored === null && isTyped(next.draft, null))
  useObjection(beforeLeaving, objects ? UNSAVED : null)

  /** Shows what a save or a verification changes elsewhere on the page. */
  const refresh = () => get<Integration>(INTEGRATION, signal).then(setIntegration, ignore)
  const showNext = (stored: Credential | null) =>
    setNext((before) => (isSame(before.stored, stored) ? before : withNext(stored)))

  function showSaved(settings: IntegrationSettings): void {
    setAnswer(null)
    showNext(settings.next_credential)
    void refresh()
    void get<SetupGuide>(GUIDE, signal).then(setGuide, ignore)
  }
  async function showPromoted(): Promise<void> {
    setAnswer(null)
    const [newer] = await Promise.all([request<IntegrationSettings>(SETTINGS), refresh()])
    setEditing((before) => takePromoted(before, newer))
  }
  const { body: settings } = editing.stored
  return (
    <>
      <Head integration={integration} onSwitched={setIntegration} />
      <Explained scope="admin" text="Your API key may see these settings, not change them." />
      <Step number={1} title="Register the app">
        <Register settings={settings} guide={guide} />
      </Step>
      <Step number={2} title="Enter client ID and credential">
        <Guarded scope="admin">
          <SettingsForm editing={editing} onEdit={setEditing} onSaved={showSaved} />
        </Guarded>
      </Step>
      <Step number={3} title="Verify">
        <p>Asks Microsoft whether the saved client ID and credential work. Nobody signs in.</p>
        <Guarded scope="admin">
          <Verify
            answer={answer}
            isUnsaved={hasChanges}
            onAnswer={(given) => {
              setAnswer(given)
              if (given !== null) void refresh()
            }}
          />
        </Guarded>
      </Step>
      <Step number={4} title="Let administrators consent">
        <p>
          Most organisations let only an administrator allow IMAP. The link asks for it once, for
          all of its mailboxes. Personal accounts need none.
        </p>
        <Guarded scope="write">
          <Consent />
        </Guarded>
      </Step>
      {may('admin') && (settings.credential !== null || next.stored !== null) && (
        <NextCredential
          next={next.stored}
          draft={next.draft}
          onEdit={(changes) =>
            setNext((before) => ({ ...before, draft: { ...before.draft, ...changes } }))
          }
          onNext={showNext}
          onPromoted={showPromoted}
        />
      )}
    </>
  )
}

const UNSAVED = 'The changes to the Microsoft settings are not saved. Leave them?'

/** The next credential, and what is typed while there is none. */
const withNext = (stored: Credential | null) => ({ stored, draft: emptyCredentialDraft(null) })

const isSame = (a: Credential | null, b: Credential | null) =>
  JSON.stringify(a) === JSON.stringify(b)

/** The page is right without these: the next load shows them. */
const ignore = () => {}

const Step = (props: { number: number; title: string; children: ComponentChildren }) => (
  <div class="card step">
    <h2>
      <span class="number">{props.number}</span> {props.title}
    </h2>
    {props.children}
  </div>
)
