/** "Move from another product": refresh tokens of the same app registration become email accounts. */
import type { Integration, IntegrationSettings } from '../../../schema/integration.ts'
import type { MailAccountOwners, Owner } from '../../../schema/mail-account.ts'
import { get } from '../api.ts'
import { Copyable } from '../components/copyable.tsx'
import { IntegrationNotReady } from '../components/integration-not-ready.tsx'
import { NewTab } from '../components/new-tab.tsx'
import { Notice } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ScopeFieldset, ScopeNotice } from '../components/scope.tsx'
import { useLeaveGuard } from '../components/use-leave-guard.ts'
import type { Page, Visit } from '../router.ts'
import { isUsable } from '../ui/integration.ts'
import { mailboxList } from '../ui/mail-account.ts'
import { ImportForm } from './move/form.tsx'
import { Results } from './move/results.tsx'
import { useImport } from './move/use-import.ts'

const TITLE = 'Move from another product'

export async function movePage({ signal }: Visit): Promise<Page> {
  const [integration, settings, { data: owners }] = await Promise.all([
    get<Integration>('/v1/integrations/microsoft', signal),
    get<IntegrationSettings>('/v1/integrations/microsoft/settings', signal),
    get<MailAccountOwners>('/v1/mail-accounts/owners', signal),
  ])
  const view = (
    <Move
      integration={integration}
      settings={settings}
      owners={owners.flatMap(({ owner }) => owner ?? [])}
    />
  )
  return { title: TITLE, content: view }
}

type MoveProps = {
  integration: Integration
  settings: IntegrationSettings
  /** Existing owners, as suggestions. */
  owners: readonly Owner[]
}

function Move({ integration, settings, owners }: MoveProps) {
  const work = useImport()
  const isUnfinished = work.rows.some(({ state }) => state !== 'done')
  useLeaveGuard(
    isUnfinished
      ? 'Some mailboxes have not been imported. Their refresh tokens are not stored. Leave this page?'
      : null,
  )
  return (
    <>
      <PageHead
        title={TITLE}
        lead="Bring mailboxes along without a new sign-in. Paste the refresh tokens that the other product holds."
        back={mailboxList}
      />
      <IntegrationNotReady integration={integration} />
      {settings.client_id !== null && <SameAppNotice clientId={settings.client_id} />}
      <ScopeNotice
        scope="write"
        text="Importing mailboxes requires an API key with write permission."
      />
      {isUsable(integration) && (
        <ScopeFieldset scope="write">
          <ImportForm settings={settings} owners={owners} work={work} />
        </ScopeFieldset>
      )}
      {work.rows.length > 0 && <Results work={work} />}
    </>
  )
}

const SameAppNotice = ({ clientId }: { clientId: string }) => (
  <Notice tone="plain" title="Both products must use the same app registration">
    <div>
      <p>
        A refresh token works only with the client ID that it was issued to. If the other product
        uses a different one, <a href="#/integrations/microsoft">enter that one</a> first. The other
        product keeps working until you switch it off.
      </p>
      <Copyable text={clientId} name="client ID" />
      <p class="after">
        <NewTab href="/docs/guides/moving" text="How to move" />
      </p>
    </div>
  </Notice>
)
