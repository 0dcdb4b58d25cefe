/** Console sessions: who is signed in, and how to end a session at once. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { OpenConsoleSession } from '../../../schema/console-session.ts'
import { get, list, type Read, removeIfAny } from '../api.ts'
import { Button, NewTab } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Badge, PageHead } from '../components/layout.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { Notice, ProblemAlert } from '../components/notice.tsx'
import { type Column, Table } from '../components/table.tsx'
import { Ago } from '../components/time.tsx'
import { useAction } from '../components/use-action.ts'
import { useLive } from '../components/use-live.ts'
import type { Page, Visit } from '../router.ts'
import { permissionsColumn } from './api-keys/tables.tsx'

const SESSIONS = '/v1/console-sessions'
/** Name of the button that ends all other sessions. */
const ALL = 'all'

const readSessions = (read: Read) => list<OpenConsoleSession>(SESSIONS, 1000, read)

export async function consoleSessionsPage({ signal }: Visit): Promise<Page> {
  const initial = await readSessions((path) => get(path, signal))
  return { title: 'Console sessions', content: <ConsoleSessions {...{ initial, signal }} /> }
}

type ConsoleSessionsProps = { initial: OpenConsoleSession[]; signal: AbortSignal }

function ConsoleSessions({ initial, signal }: ConsoleSessionsProps) {
  const live = useLive(initial, readSessions, signal)
  /** The sessions that were just ended. */
  const [ended, setEnded] = useState<readonly OpenConsoleSession[]>([])
  const { running, problem, run } = useAction<string>()
  const [question, confirm] = useConfirm()

  // The own session ends by signing out.
  const others = live.data.filter(({ current }) => !current)
  const isEveryone = ended.length > 1

  /** `name`: of the button. */
  const end = async (sessions: readonly OpenConsoleSession[], name: string) => {
    if (!(await confirm(ending(sessions)))) return
    await run(async () => {
      try {
        for (const { id } of sessions) await removeIfAny(`${SESSIONS}/${id}`)
      } finally {
        await live.refresh()
      }
      setEnded(sessions)
    }, name)
  }
  return (
    <>
      <PageHead
        title="Console sessions"
        lead="Who is signed in to this console, with Microsoft or with an API key. A session lasts at most 8 hours."
      >
        {others.length > 0 && (
          <Button busy={running === ALL} onClick={() => end(others, ALL)}>
            End all other sessions
          </Button>
        )}
      </PageHead>
      <div role="status">
        {ended[0] && (
          <Notice
            tone="good"
            title={isEveryone ? 'All other sessions ended' : 'Session ended'}
            text={
              isEveryone ? 'Everyone else is signed out.' : `${ownerName(ended[0])} is signed out.`
            }
          >
            {ended.some(({ person }) => person) && (
              <div>
                <a href="#/api-keys">API keys</a> that they created still work, in this console too,
                until you revoke them.
              </div>
            )}
          </Notice>
        )}
      </div>
      <ProblemAlert problem={problem} />
      <Table
        caption="Console sessions"
        columns={columns((session) => (
          <Button
            aria-label={`End the session of ${ownerName(session)}`}
            busy={running === session.id}
            onClick={() => end([session], session.id)}
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

const columns = (
  action: (session: OpenConsoleSession) => ComponentChildren,
): Column<OpenConsoleSession>[] => [
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
    cell: (session) => !session.current && action(session),
  },
]

const ending = (sessions: readonly OpenConsoleSession[]) => ({
  title:
    sessions.length === 1 && sessions[0]
      ? `End the session of ${ownerName(sessions[0])}?`
      : `End ${sessions.length} other sessions?`,
  yes: sessions.length === 1 ? 'End session' : 'End sessions',
  danger: true,
  children: (
    <>
      <p>They are signed out immediately and lose unsaved changes.</p>
      {sessions.some(({ person }) => person) && (
        <p>
          Sign-in links that they sent stop working. To keep people out, first remove their role in
          Entra. Then revoke the API keys that they created.
        </p>
      )}
      {sessions.some(({ key }) => key) && (
        <p>A key can open a new session. To prevent that, revoke it.</p>
      )}
    </>
  ),
})
