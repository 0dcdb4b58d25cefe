/** "Copy message for the administrator", for an administrator without access to the console. */
import { useEffect, useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import { request } from '../api.ts'
import { may } from '../rights.ts'
import {
  type About,
  adminMessage,
  type ReportedCause,
  readerOf,
  type Sender,
} from '../ui/admin-message.ts'
import { Button } from './button.tsx'
import { Copyable, useCopy } from './copyable.tsx'

type Props = { cause: ReportedCause; about: About }

/** Renders nothing where no administrator acts. */
export const AdminMessage = (props: Props) =>
  readerOf(props.cause) ? <Message {...props} /> : null

function Message({ cause, about }: Props) {
  const [app, setApp] = useState<Sender['app']>(null)
  useEffect(() => {
    void readApp().then(setApp)
  }, [])
  const sender = { site: location.origin, app, mayConsent: may('write') }
  const text = adminMessage(cause, about, sender)
  const { status, isRefused, copy } = useCopy(text)
  return (
    <>
      <Button class="link small" onClick={copy}>
        Copy message for the administrator
      </Button>{' '}
      {isRefused ? (
        <Copyable text={text} name="message" lines />
      ) : (
        <span role="status" class="small quiet">
          {status}
        </span>
      )}
    </>
  )
}

/** The request that is under way, which all messages of a page share. */
let reading: Promise<Sender['app']> | null = null

/** Reads the app registration, so that a click can copy at once. Null if it cannot be read. */
const readApp = () => {
  reading ??= request<IntegrationSettings>('/v1/integrations/microsoft/settings', { renew: false })
    .then(
      ({ body: { client_id, tenant } }) => (client_id ? { clientId: client_id, tenant } : null),
      () => null,
    )
    .finally(() => {
      reading = null
    })
  return reading
}
