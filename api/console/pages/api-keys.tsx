/** API keys: what each may do, when it expires, and how to revoke it. */
import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../schema/api-key.ts'
import { get, list, type Read, remove } from '../api.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { FlashNotice } from '../components/flash.tsx'
import { PageHead } from '../components/layout.tsx'
import { LiveStatus } from '../components/live-status.tsx'
import { Notice, ProblemAlert } from '../components/notice.tsx'
import { useAction } from '../components/use-action.ts'
import { useLive } from '../components/use-live.ts'
import type { Page, Visit } from '../router.ts'
import { readSession } from '../session.ts'
import { KeyTable } from './api-keys/tables.tsx'

const KEYS = '/v1/api-keys'

const readKeys = (read: Read) => list<ApiKey>(KEYS, 1000, read)

export async function apiKeysPage({ signal }: Visit): Promise<Page> {
  const [initial, session] = await Promise.all([
    readKeys((path) => get(path, signal)),
    readSession(),
  ])
  const ownId = session?.key?.id
  return { title: 'API keys', content: <ApiKeys {...{ initial, ownId, signal }} /> }
}

/** `ownId`: the key of this session. */
function ApiKeys(props: { initial: ApiKey[]; ownId: string | undefined; signal: AbortSignal }) {
  const { initial, ownId, signal } = props
  const live = useLive(initial, readKeys, signal)
  const keys = live.data
  const { running, problem, run } = useAction<string>()
  const [revoked, setRevoked] = useState<string | null>(null)
  const [question, confirm] = useConfirm()

  async function revokeKey(key: ApiKey): Promise<void> {
    const { id, name } = key
    if (!(await confirm(revoking(key, id === ownId)))) return
    await run(async () => {
      await remove(`${KEYS}/${id}`)
      await live.refresh()
      setRevoked(name)
    }, id)
  }

  // An ended key stays here until it is revoked.
  const isCurrent = ({ status }: ApiKey) => status === 'active' || status === 'ended'
  const current = keys.filter(isCurrent)
  const inactive = keys.filter((key) => !isCurrent(key))
  const ended = current.filter(({ status }) => status === 'ended')
  return (
    <>
      <PageHead
        title="API keys"
        lead="One key for each program, with only the access it needs. Open a key to change it."
      >
        <a class="button main" href="#/api-keys/new">
          Create API key
        </a>
      </PageHead>
      <FlashNotice />
      <div role="status">
        {revoked !== null && (
          <Notice tone="good" title="Revoked" text={`"${revoked}" no longer works.`} />
        )}
      </div>
      <ProblemAlert problem={problem} />
      {ended.length > 0 && <EndedKeys count={ended.length} />}
      {current.length === 0 ? (
        <NoKeys />
      ) : (
        <KeyTable
          keys={current}
          caption="API keys"
          action={(key) => (
            <Button
              aria-label={`Revoke ${key.name}`}
              busy={running === key.id}
              onClick={() => revokeKey(key)}
            >
              Revoke
            </Button>
          )}
        />
      )}
      {inactive.length > 0 && (
        <details>
          <summary class="quiet">Expired or revoked: {inactive.length}</summary>
          <KeyTable keys={inactive} caption="Expired or revoked API keys" />
        </details>
      )}
      <LiveStatus live={live} />
      {question}
    </>
  )
}

const revoking = ({ name, last_used_at }: ApiKey, isOwn: boolean) => ({
  title: `Revoke "${name}"?`,
  yes: 'Revoke',
  danger: true,
  children: (
    <>
      <p>
        Programs that use this key stop working immediately, and console sessions opened with it
        end. This cannot be undone.
      </p>
      {last_used_at === null && <p>It has not been used yet.</p>}
      {isOwn && (
        <p>
          <strong>You are signed in with this key.</strong>
        </p>
      )}
    </>
  ),
})

const EndedKeys = ({ count }: { count: number }) => (
  <Notice tone="bad" title={count === 1 ? '1 API key has ended' : `${count} API keys have ended`}>
    <div>
      Mailgrant no longer accepts them, because all keys were ended at the server, an encryption key
      is missing, or something else wrote to the database. Create new keys for their programs, then
      revoke these.
    </div>
  </Notice>
)

const NoKeys = () => (
  <div class="empty">
    <p>No API keys yet, apart from the root key.</p>
    <p>
      Create one key per program, with only the access it needs. Each can be revoked on its own.
    </p>
  </div>
)
