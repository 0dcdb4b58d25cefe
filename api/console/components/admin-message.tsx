/** "Copy message for the administrator", for an administrator without access to the console. */
import { may } from '../rights.ts'
import {
  type About,
  adminMessage,
  type CauseInFull,
  isAdministrator,
  type ReportedCause,
} from '../ui/admin-message.ts'
import { Button } from './button.tsx'
import { Copyable, useCopy } from './copyable.tsx'

type Props = { cause: ReportedCause & Pick<CauseInFull, 'responsible'>; about: About }

/** Renders nothing where no administrator acts. */
export const AdminMessage = (props: Props) =>
  isAdministrator(props.cause.responsible) ? <Message {...props} /> : null

function Message({ cause, about }: Props) {
  const text = adminMessage(cause, about, may('write'))
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
