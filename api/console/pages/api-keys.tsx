/** API keys: what each may do, when it expires, and how to revoke it. */
import { useRef, useState } from 'preact/hooks'
import type { ApiKey } from '../../../schema/api-key.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { list, post, remove } from '../api.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Notice, ProblemAlert } from '../components/notice.tsx'
import { PageHead } from '../components/page-head.tsx'
import { useAction } from '../components/use-action.ts'
import type { Page } from '../router.ts'
import { readSession } from '../session.ts'
import { type Accounts, EndedKeys, WorkingKeys } from './api-keys/tables.tsx'

const KEYS = '/v1/api-keys'

export async function apiKeysPage(): Promise<Page> {
  const [keys, mailAccounts, session] = await Promise.all([
    list<ApiKey>(KEYS),
    list<MailAccount>('/v1/mail-accounts', 10_000),
    readSession(),
  ])
  const accounts = new Map(mailAccounts.map((account) => [account.id, account]))
  const view = <ApiKeys first={keys} accounts={accounts} ownId={session?.key?.id} />
  return { title: 'API keys', content: view }
}

type Change = 'confirm' | 'revoke'

const DONE: Record<Change, { title: string; text: (name: string) => string }> = {
  confirm: { title: 'Confirmed', text: (name) => `"${name}" keeps working.` },
  revoke: { title: 'Revoked', text: (name) => `"${name}" no longer works.` },
}

/** `ownId`: the key of this session. */
function ApiKeys(props: { first: ApiKey[]; accounts: Accounts; ownId: string | undefined }) {
  const { first, accounts, ownId } = props
  const [keys, setKeys] = useState(first)
  const { running, problem, run } = useAction<`${Change} ${string}`>()
  const [done, setDone] = useState<{ name: string; change: Change } | null>(null)
  const [question, confirm] = useConfirm()
  const status = useRef<HTMLDivElement>(null)

  /** Makes a change, then shows the keys as they are after it. */
  const make = async (change: Change, key: ApiKey) => {
    const { id, name } = key
    if (change === 'revoke' && !(await confirm(revoking(key, id === ownId)))) return
    await run(async () => {
      await (change === 'revoke' ? remove(`${KEYS}/${id}`) : post(`${KEYS}/${id}/confirm`))
      setKeys(await list<ApiKey>(KEYS))
      setDone({ name, change })
      // The button disappears.
      status.current?.focus()
    }, `${change} ${id}`)
  }

  const working = keys.filter((key) => key.status === 'active')
  const ended = keys.filter((key) => key.status !== 'active')
  return (
    <>
      <PageHead
        title="API keys"
        lead="Keys for programs that use the API, and for signing in here."
      >
        <a class="button main" href="#/api-keys/new">
          Create API key
        </a>
      </PageHead>
      <div role="status" tabIndex={-1} ref={status}>
        {done && (
          <Notice tone="good" title={DONE[done.change].title}>
            <div>{DONE[done.change].text(done.name)}</div>
          </Notice>
        )}
      </div>
      <ProblemAlert problem={problem} />
      {working.some(({ needs_review }) => needs_review) && <ReviewNotice />}
      {working.length === 0 ? (
        <NoKeys />
      ) : (
        <WorkingKeys
          keys={working}
          all={keys}
          accounts={accounts}
          actions={(key) => (
            <>
              {key.needs_review && (
                <Button
                  aria-label={`Confirm ${key.name}`}
                  busy={running === `confirm ${key.id}`}
                  onClick={() => make('confirm', key)}
                >
                  Confirm
                </Button>
              )}
              <Button
                aria-label={`Revoke ${key.name}`}
                busy={running === `revoke ${key.id}`}
                onClick={() => make('revoke', key)}
              >
                Revoke
              </Button>
            </>
          )}
        />
      )}
      {ended.length > 0 && <EndedKeys keys={ended} all={keys} />}
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

const ReviewNotice = () => (
  <Notice tone="bad" title="Review these API keys">
    <div>
      The database was restored from an older copy, so keys that were revoked since then may be
      active again. Confirm the keys marked "Needs review" that you still use, and revoke the
      others.
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
