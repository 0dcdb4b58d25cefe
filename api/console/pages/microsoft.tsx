/** The Microsoft integration: a setup in three screens while nothing is stored, its settings afterwards. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { SetupGuide } from '../../../schema/setup-guide.ts'
import { type Fetched, get, post, request } from '../api.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { useLeaveGuard } from '../components/form.tsx'
import { IntegrationProblems } from '../components/integration.tsx'
import { Badge, Card, Fact, PageHead } from '../components/layout.tsx'
import { Notice, ProblemAlert, ScopeFieldset, ScopeNotice } from '../components/notice.tsx'
import { Ago } from '../components/time.tsx'
import { useAction } from '../components/use-action.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { Consent } from './microsoft/consent.tsx'
import { StoredCredential } from './microsoft/credential-views.tsx'
import { NextCredential, useNextCredential } from './microsoft/next-credential.tsx'
import { AppOnly, Register } from './microsoft/register.tsx'
import { GUIDE, INTEGRATION, SETTINGS, useSettingsForm } from './microsoft/settings-form.tsx'
import { ValuesCard } from './microsoft/values-card.tsx'
import { type Check, CheckResult, useCheck } from './microsoft/verify.tsx'
import { Wizard } from './microsoft/wizard.tsx'

type Stored = {
  integration: Integration
  settings: Fetched<IntegrationSettings>
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
  const [isSetup, setSetup] = useState(!first.integration.configured && may('admin'))
  const check = useCheck(() => void showChecked())
  const form = useSettingsForm(first.settings, showSaved)
  const next = useNextCredential(first.settings.body)
  useLeaveGuard(form.isChanged || next.isChanged ? UNSAVED : null)

  const refresh = () => get<Integration>(INTEGRATION, signal).then(setIntegration, ignore)

  /** Loads newer settings after an action of this page. */
  async function showNewer(): Promise<void> {
    const [newer] = await Promise.all([request<IntegrationSettings>(SETTINGS), refresh()])
    form.takeOwn(newer)
    next.show(newer.body)
  }
  const showChecked = () => showNewer().catch(ignore)
  function showSaved(settings: IntegrationSettings): void {
    check.clear()
    next.show(settings)
    void refresh()
    void get<SetupGuide>(GUIDE, signal).then(setGuide, ignore)
    // A new certificate must be uploaded before it can be checked.
    if (!isSetup && settings.credential?.type !== 'certificate') void check.run()
  }
  if (isSetup) {
    return (
      <Wizard
        guide={guide}
        integration={integration}
        form={form}
        onIntegration={setIntegration}
        onDone={() => {
          form.cancel()
          void showChecked()
          setSetup(false)
        }}
      />
    )
  }
  const { body: settings, etag } = form.stored
  const { credential } = settings
  return (
    <>
      <PageHead
        title="Microsoft settings"
        lead="Third-party integration: one app registration for all mailboxes."
      />
      <IntegrationProblems problems={integration.problems} currentHref="#/integrations/microsoft" />
      <ScopeNotice
        scope="admin"
        text="Your API key can view these settings, but not change them."
      />
      <StateCard
        integration={integration}
        settings={settings}
        check={check}
        onSwitched={setIntegration}
      />
      <ValuesCard form={form} onSetUp={() => setSetup(true)} />
      <div class="card folds">
        {may('admin') && (credential !== null || next.next_credential !== null) && (
          <NextCredential
            state={next}
            etag={etag}
            federated={settings.federated}
            onChanged={async () => {
              check.clear()
              await showNewer()
            }}
          />
        )}
        <Folded title="Let administrators consent">
          <p>
            In most organisations only an administrator can allow IMAP. With this link they do it
            once, for all mailboxes of the organisation. Personal accounts need no link.
          </p>
          <ScopeFieldset scope="write">
            <Consent />
          </ScopeFieldset>
        </Folded>
        <Folded title="App registration at Microsoft">
          <Register guide={guide} cloud={settings.cloud} />
          {guide.app_only && <AppOnly guide={guide.app_only} />}
        </Folded>
      </div>
    </>
  )
}

const deactivating = (name: string) => ({
  title: `Deactivate ${name}?`,
  yes: 'Deactivate',
  danger: true,
  children: (
    <>
      <p>
        While it is inactive, programs get no new access tokens, and within about an hour they can
        no longer read or send mail. OAuth accounts are not validated either.
      </p>
      <p>
        Nothing is deleted, and everything works again once you activate it. After 90 days without
        use, however, Microsoft requires a new sign-in for each mailbox.
      </p>
    </>
  ),
})

type CheckedProps = { integration: Integration; settings: IntegrationSettings; check: Check }
type StateProps = CheckedProps & { onSwitched: (integration: Integration) => void }

/** The state with the switch, the credential and the last check. Deactivating asks for confirmation. */
function StateCard({ onSwitched, ...checked }: StateProps) {
  const { integration, settings, check } = checked
  const { name } = integration
  const isActive = integration.status === 'active'
  const [isSwitched, setSwitched] = useState(false)
  const { busy, problem, run } = useAction()
  const [question, confirm] = useConfirm()
  const toggle = async () => {
    if (isActive && !(await confirm(deactivating(name)))) return
    onSwitched(await post<Integration>(`${INTEGRATION}/${isActive ? 'deactivate' : 'activate'}`))
    setSwitched(true)
  }
  return (
    <Card title="Connection">
      <dl class="facts">
        <Fact name="Status">
          <Badge tone={isActive ? 'good' : 'plain'}>{isActive ? 'Active' : 'Inactive'}</Badge>
        </Fact>
        <Fact name="Credential">
          <StoredCredential credential={settings.credential} />
        </Fact>
        <Fact name="Last verified">
          <LastCheck {...checked} />
        </Fact>
      </dl>
      {may('admin') && (
        <div class="row after">
          {settings.credential !== null && (
            <Button busy={check.busy} onClick={() => void check.run()}>
              Verify now
            </Button>
          )}
          <Button class={isActive ? undefined : 'main'} busy={busy} onClick={() => run(toggle)}>
            {isActive ? 'Deactivate' : 'Activate'}
          </Button>
          {question}
        </div>
      )}
      <div role="status" class="result">
        {isSwitched &&
          (isActive ? (
            <Notice tone="good" title={`${name} is active`}>
              <a href="#/mailboxes/new">Connect a mailbox</a>
            </Notice>
          ) : (
            <Notice
              tone="plain"
              title={`${name} is inactive`}
              text="Your settings and email accounts are kept."
            />
          ))}
      </div>
      <ProblemAlert class="result" problem={problem} />
      <CheckResult check={check} />
    </Card>
  )
}

/** The latest known result, from this page or earlier. */
function LastCheck({ integration, settings: { verified_at }, check }: CheckedProps) {
  const isRejected = integration.problems.some(({ code }) => code === 'credential_rejected')
  const outcome = check.result?.outcome ?? (isRejected ? 'failed' : null)
  if (outcome === 'failed') return <>Failed</>
  if (outcome === 'inconclusive') return <>Inconclusive</>
  if (verified_at === null) return <>Not verified since the last change</>
  return (
    <>
      Accepted by Microsoft <Ago time={verified_at} />
    </>
  )
}

const UNSAVED = 'The changes to the Microsoft settings are not saved. Leave this page?'

/** Ignores a failed refresh, since the next load shows the values. */
const ignore = () => {}

const Folded = (props: { title: string; children: ComponentChildren }) => (
  <details>
    <summary>{props.title}</summary>
    {props.children}
  </details>
)
