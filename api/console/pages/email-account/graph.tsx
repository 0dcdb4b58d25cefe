/** "Send through Microsoft Graph instead", for mailboxes whose SMTP stays off. */
import { useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { change } from '../../api.ts'
import { Button, NewTab } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { mainCauses } from '../../components/diagnosis.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { useAction } from '../../components/use-action.ts'
import { may } from '../../rights.ts'
import { type Draft, tidy } from './draft.ts'
import { GRAPH_GUIDE, graphPermissions, requestOfSetting } from './labels.ts'
import type { AccountForm } from './use-account-form.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'

/** Causes for which SMTP refuses any access token. */
const CAUSES: readonly string[] = [
  'smtp-auth-disabled-tenant',
  'smtp-auth-disabled-mailbox',
  'security-defaults-block',
]

/** Renders nothing if Microsoft Graph does not avoid the cause of the failed login. */
export function GraphOffer(props: { form: AccountForm; validation: Validation }) {
  const { form, validation } = props
  const { settings } = form.options
  const draft = tidy(form.values)
  const [isAllowed, setAllowed] = useState(settings.protocols.includes('graph_send'))
  if (validation.protocol !== 'smtp' || draft.authentication === 'password') return null
  const causes = validation.diagnosis ? mainCauses(validation.diagnosis) : []
  const cause = causes.find(({ cause }) => CAUSES.includes(cause))
  if (cause === undefined) return null
  // Only a personal mailbox leaves the fix to its owner.
  const isPersonal = cause.responsible === 'user'
  return (
    <Notice tone="plain" title="SMTP can stay off: Microsoft Graph sends without it">
      <p>
        Programs that send from this mailbox then call Microsoft Graph.{' '}
        <NewTab href={GRAPH_GUIDE} text="What changes for them" />
      </p>
      {isPersonal ? (
        <p>The mailbox's owner signs in once more and consents to Mail.Send.</p>
      ) : (
        <p>
          Microsoft Graph needs a separate permission, Mail.Send. Don't use it to get around an
          administrator's decision. If SMTP is off on purpose, ask first with the message for the
          administrator.
        </p>
      )}
      {isAllowed && may('write') && (
        <div class="row after">
          <Button class="main" busy={form.access.busy} onClick={form.sendThroughGraph}>
            Send through Microsoft Graph instead
          </Button>
        </div>
      )}
      {!isAllowed && may('admin') && (
        <AllowGraph draft={draft} onAllowed={() => setAllowed(true)} />
      )}
      {!isAllowed && !may('admin') && (
        <>
          <p>
            Sending through Microsoft Graph is turned off in Mailgrant's settings. Ask your
            Mailgrant administrator to allow it.
          </p>
          <Copyable text={requestOfSetting(draft, location.href)} name="message" />
        </>
      )}
    </Notice>
  )
}

/** Shows the two steps that come first, and adds the setting. */
function AllowGraph({ draft, onAllowed }: { draft: Draft; onAllowed: () => void }) {
  const { busy, problem, run } = useAction()
  const allow = async () => {
    await change<IntegrationSettings>(SETTINGS, ({ protocols }) => ({
      protocols: [...protocols, 'graph_send'],
    }))
    onAllowed()
  }
  return (
    <>
      <p>Two things are needed first, once for all mailboxes:</p>
      <ol>
        <li>
          In Entra, under API permissions of the app registration: add {graphPermissions(draft)} of
          Microsoft Graph. Mailgrant can't see whether the app has it.
        </li>
        <li>In Mailgrant: allow Microsoft Graph in the Microsoft settings. This button does it.</li>
      </ol>
      <div class="row after">
        <Button busy={busy} onClick={() => run(allow)}>
          Allow Microsoft Graph
        </Button>
      </div>
      <ProblemAlert class="result" problem={problem} />
    </>
  )
}
