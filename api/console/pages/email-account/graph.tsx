/** "Send through Microsoft Graph instead", for accounts whose SMTP stays off, and the way back. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Diagnosis } from '../../../../schema/diagnosis.ts'
import type { Grant } from '../../../../schema/grant.ts'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { change } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ConsentLink, consentFor } from '../../components/consent-link.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { mainCauses } from '../../components/diagnosis.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { NewTab } from '../../components/new-tab.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { SignInWaiting } from '../../components/sign-in-waiting.tsx'
import { useAction } from '../../components/use-action.ts'
import { may } from '../../rights.ts'
import { personalServer, serverDraft } from './draft.ts'
import { graphSignIn, useGraphSwitch } from './graph-switch.ts'
import { GRAPH_GUIDE, graphPermissions, requestOfSetting, type Sender } from './labels.ts'
import { SendLink } from './send-link.tsx'
import { SignInFailure } from './sign-in-failure.tsx'

export const BUTTON = 'Send through Microsoft Graph instead'
const SETTINGS = '/v1/integrations/microsoft/settings'

/** Causes for which SMTP refuses any access token. */
const CAUSES: readonly string[] = [
  'smtp-auth-disabled-tenant',
  'smtp-auth-disabled-mailbox',
  'security-defaults-block',
]

/** Returns the cause that Microsoft Graph avoids, or null if the account gains nothing by it. */
const avoidableCause = (
  { protocol, authentication }: Sender,
  diagnosis: Diagnosis | null | undefined,
) =>
  protocol === 'smtp' && authentication !== 'password' && diagnosis
    ? (mainCauses(diagnosis).find(({ cause }) => CAUSES.includes(cause)) ?? null)
    : null

type OfferProps = {
  sender: Sender
  diagnosis: Diagnosis | null | undefined
  settings: IntegrationSettings
  /** Returns the button, which is shown once the settings allow Microsoft Graph. */
  children: (isPersonal: boolean) => ComponentChildren
}

/** Renders nothing if Microsoft Graph does not help. */
export function GraphOffer({ sender, diagnosis, settings, children }: OfferProps) {
  const [isAllowed, setAllowed] = useState(settings.protocols.includes('graph_send'))
  const cause = avoidableCause(sender, diagnosis)
  if (cause === null) return null
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
      {isAllowed && may('write') && children(isPersonal)}
      {!isAllowed && may('admin') && (
        <AllowGraph sender={sender} onAllowed={() => setAllowed(true)} />
      )}
      {!isAllowed && !may('admin') && (
        <>
          <p>
            Sending through Microsoft Graph is turned off in Mailgrant's settings. Ask your
            Mailgrant administrator to allow it.
          </p>
          <Copyable text={requestOfSetting(sender, location.href)} name="message" />
        </>
      )}
    </Notice>
  )
}

/** Shows the two steps that come first, and adds the setting. */
function AllowGraph({ sender, onAllowed }: { sender: Sender; onAllowed: () => void }) {
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
          In Entra, under API permissions of the app registration: add {graphPermissions(sender)} of
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

type SwitchProps = { account: MailAccount; signal: AbortSignal }

/** The button for a saved account. */
export function GraphSwitch(props: SwitchProps & { isPersonal: boolean }) {
  const { account, isPersonal, signal } = props
  const { busy, problem, waiting, end, start } = useGraphSwitch(account, signal)
  const { grant } = account
  const button = (
    <Button class="main" busy={busy} onClick={() => start({ protocol: 'graph_send' })}>
      {BUTTON}
    </Button>
  )
  return (
    <>
      {grant ? (
        <>
          <SendLink
            plan={{
              recipient: grant.signed_in_as,
              mailbox: account.username,
              input: graphSignIn(account),
              next: `Then press "${BUTTON}" here.`,
            }}
            signal={signal}
          >
            {button}
          </SendLink>
          <div class="small">
            If Microsoft asks, sign in as {grant.signed_in_as} and consent. Mailgrant asks Microsoft
            at most once a minute whether someone has consented in the meantime.
          </div>
        </>
      ) : (
        <div class="row after">{button}</div>
      )}
      {waiting && <SignInWaiting waiting={waiting} />}
      <ProblemAlert class="result" problem={problem} />
      <div role="alert" class="result">
        <SignInFailure end={end} button={BUTTON} />
      </div>
      {!isPersonal && (
        <Disclosure title="If Microsoft asks for admin approval">
          <ConsentLink
            request={consentFor(account)}
            protocol="graph_send"
            next="press the button again"
          />
        </Disclosure>
      )}
    </>
  )
}

/** "Send through SMTP again". Renders nothing where SMTP is not possible, or for another protocol. */
export function SmtpAgain(
  props: SwitchProps & { grant: Grant | null; settings: IntegrationSettings },
) {
  const { account, grant, settings, signal } = props
  const { busy, problem, start } = useGraphSwitch(account, signal)
  const [server] = settings.mail_servers.smtp
  const isCovered = grant === null || grant.protocols.includes('smtp')
  const isPossible = isCovered && settings.protocols.includes('smtp') && may('write')
  if (account.protocol !== 'graph_send' || !isPossible || !server) return null
  const usual = personalServer(
    serverDraft(server),
    settings.mail_servers.smtp,
    grant?.account_type ?? 'work',
  )
  return (
    <section aria-label="Microsoft Graph">
      <p>
        This account sends through Microsoft Graph. Going back to SMTP doesn't withdraw the consent
        to Mail.Send. {grant?.signed_in_as ?? 'An administrator'} can do that at Microsoft.
      </p>
      <div class="row">
        <Button
          busy={busy}
          onClick={() => start({ protocol: 'smtp', ...usual, port: Number(usual.port) })}
        >
          Send through SMTP again
        </Button>
      </div>
      <ProblemAlert class="result" problem={problem} />
    </section>
  )
}
