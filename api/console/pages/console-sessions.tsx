/** Console sessions: who is signed in, and how to end a session at once. */
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { OpenConsoleSession } from '../../../schema/console-session.ts'
import { get, list, type Read, remove } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { NewTab } from '../components/new-tab.tsx'
import { Notice, ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { type Column, Table } from '../components/table.tsx'
import { Ago } from '../components/time.tsx'
import { useAction } from '../components/use-action.ts'
import { useLive } from '../components/use-live.ts'
import type { Page, Visit } from '../router.ts'
import { KeyPrefix, lastUsedColumn, permissionsColumn } from './api-keys/tables.tsx'

const SESSIONS = '/v1/console-sessions'
const KEYS = '/v1/api-keys'

const readSessions = (read: Read) => list<OpenConsoleSession>(SESSIONS, 1000, read)

export async function consoleSessionsPage({ signal }: Visit): Promise<Page> {
  const initial = await readSessions((path) => get(path, signal))
  return { title: 'Console sessions', content: <ConsoleSessions {...{ initial, signal }} /> }
}

/** The session that was just ended. */
type Ended = {
  name: string
  /** Active keys that the person created. */
  keys: readonly ApiKey[]
}

type ConsoleSessionsProps = { initial: OpenConsoleSession[]; signal: AbortSignal }

function ConsoleSessions({ initial, signal }: ConsoleSessionsProps) {
  const live = useLive(initial, readSessions, signal)
  const [ended, setEnded] = useState<Ended | null>(null)
  const { running, problem, run } = useAction<string>()
  const [question, confirm] = useConfirm()
  const status = useRef<HTMLDivElement>(null)

  const end = async (session: OpenConsoleSession) => {
    const { id, person } = session
    const name = ownerName(session)
    if (!(await confirm(ending(name, person !== null)))) return
    await run(async () => {
      await remove(`${SESSIONS}/${id}`)
      await live.refresh()
      const keys = person ? await list<ApiKey>(KEYS) : []
      const theirs = keys.filter((key) => key.status === 'active' && key.created_by === person?.id)
      setEnded({ name, keys: theirs })
      // The button disappears.
      status.current?.focus()
    }, id)
  }

  const revoke = (key: ApiKey) =>
    run(async () => {
      await remove(`${KEYS}/${key.id}`)
      setEnded(
        (before) => before && { ...before, keys: before.keys.filter((other) => other !== key) },
      )
      status.current?.focus()
    }, key.id)

  return (
    <>
      <PageHead
        title="Console sessions"
        lead="Who is signed in to this console, with Microsoft or with an API key. A session lasts at most 8 hours."
      />
      <div role="status" tabIndex={-1} ref={status}>
        {ended && (
          <Notice tone="good" title="Session ended" text={`${ended.name} is signed out.`} />
        )}
      </div>
      <ProblemAlert problem={problem} />
      {ended && ended.keys.length > 0 && (
        <section>
          <h2>API keys that {ended.name} created</h2>
          <p>They still work, in this console too, until you revoke them.</p>
          <Table
            caption={`API keys that ${ended.name} created`}
            columns={keyColumns((key) => (
              <Button
                aria-label={`Revoke ${key.name}`}
                busy={running === key.id}
                onClick={() => revoke(key)}
              >
                Revoke
              </Button>
            ))}
            rows={ended.keys}
          />
        </section>
      )}
      {ended && <h2>Open sessions</h2>}
      <Table
        caption="Console sessions"
        columns={columns((session) => (
          <Button
            aria-label={`End the session of ${ownerName(session)}`}
            busy={running === session.id}
            onClick={() => end(session)}
          >
            End
          </Button>
        ))}
        rows={live.data}
      />
      <LiveStatus live={live} />
      <p class="quiet after">
        <NewTab href="/docs/guides/console-sign-in" text="How people sign in with Microsoft" />
      </p>
      {question}
    </>
  )
}

const ownerName = ({ person, key }: OpenConsoleSession): string =>
  person?.name ?? (key?.id === 'root' ? 'the root key' : `the key "${key?.name}"`)

type RowAction<Row> = (row: Row) => ComponentChildren

const columns = (action: RowAction<OpenConsoleSession>): Column<OpenConsoleSession>[] => [
  {
    name: 'Who',
    cell: ({ person, key, current }) => (
      <>
        {person?.name ?? (key?.id === 'root' ? 'Root key' : key?.name)}{' '}
        {current && <Badge tone="plain">This session</Badge>}
        <div class="quiet small plain">{person ? 'Microsoft' : 'API key'}</div>
      </>
    ),
  },
  permissionsColumn,
  { name: 'Signed in', cell: ({ opened_at: opened }) => <Ago time={opened} /> },
  {
    name: 'Last used',
    cell: ({ last_used_at: used }) => (used ? <Ago time={used} /> : 'Not yet'),
  },
  {
    name: 'Actions',
    actions: true,
    // The own session ends by signing out.
    cell: (session) => !session.current && action(session),
  },
]

const keyColumns = (action: RowAction<ApiKey>): Column<ApiKey>[] => [
  {
    name: 'Name',
    cell: ({ id, name }) => (
      <>
        {name}
        <KeyPrefix id={id} />
      </>
    ),
  },
  permissionsColumn,
  lastUsedColumn,
  { name: 'Actions', actions: true, cell: action },
]

const ending = (name: string, isPerson: boolean) => ({
  title: `End the session of ${name}?`,
  yes: 'End session',
  danger: true,
  children: (
    <>
      <p>They are signed out immediately, and lose what they have not saved.</p>
      {isPerson ? (
        <p>
          Sign-in links that they sent stop working. To keep them out, first remove their role in
          Entra. Next, you see the API keys that they created.
        </p>
      ) : (
        <p>The key can open a new session. To prevent that, revoke it.</p>
      )}
    </>
  ),
})
