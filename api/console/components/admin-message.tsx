/** "Copy message for the administrator", for an administrator without access to the console. */
import { useEffect, useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import { request } from '../api.ts'
import { may } from '../rights.ts'
import { askerOf, readSession } from '../session.ts'
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
  const [known, setKnown] = useState<Known>({ app: null, asker: null })
  useEffect(() => {
    void readKnown().then(setKnown)
  }, [])
  const sender = { site: location.origin, ...known, mayConsent: may('write') }
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

type Known = Pick<Sender, 'app' | 'asker'>

/** The requests that are under way, which all messages of a page share. */
let reading: Promise<Known> | null = null

/** Reads the app registration and who asks, so that a click can copy at once. Null for what cannot be read. */
const readKnown = () => {
  reading ??= Promise.all([
    request<IntegrationSettings>(SETTINGS, { renew: false }).then(
      ({ body: { client_id, tenant } }) => (client_id ? { clientId: client_id, tenant } : null),
      () => null,
    ),
    readSession().then(
      (session) => session && askerOf(session),
      () => null,
    ),
  ])
    .then(([app, asker]) => ({ app, asker }))
    .finally(() => {
      reading = null
    })
  return reading
}

const SETTINGS = '/v1/integrations/microsoft/settings'
