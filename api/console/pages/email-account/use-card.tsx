/** "Use this mailbox": an API key for it, and programs that fetch a first access token with that. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiKey, ApiKeyCreated } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { ApiError, list, post, removeIfAny } from '../../api.ts'
import { Button, NewTab } from '../../components/button.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { SelectField } from '../../components/fields.tsx'
import { Card } from '../../components/layout.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Notice, ProblemAlert } from '../../components/notice.tsx'
import { ShownOnce } from '../../components/shown-once.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { may } from '../../rights.ts'
import { useOf } from '../../ui/mail-account.ts'
import { isKeyOf, keyOf } from '../api-keys/draft.ts'
import { keyPrefix } from '../api-keys/labels.ts'
import { GRAPH_GUIDE } from './labels.ts'
import { type Program, programsFor, storeKey } from './programs.ts'

/** `accounts`: those of the mailbox that have access tokens. `url`: the address of this deployment. */
type CardProps = { accounts: readonly MailAccount[]; url: string }

export function UseCard({ accounts, url }: CardProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Card title="Use this mailbox">
      <div class="stack">
        {may('admin') ? (
          <MailboxKey accounts={accounts} onCreated={() => setOpen(true)} />
        ) : (
          <p>A program also needs an API key. Your Mailgrant administrator can create it here.</p>
        )}
        <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>Fetch an access token</summary>
          {isOpen && <Programs accounts={accounts} url={url} />}
        </details>
      </div>
    </Card>
  )
}

function MailboxKey(props: { accounts: CardProps['accounts']; onCreated: () => void }) {
  const { accounts, onCreated } = props
  const { busy, problem, run } = useAction()
  const [input] = useState(() => keyOf(accounts))
  /** Keys of this mailbox that exist already, and may be replaced. Afterwards, those that were replaced. */
  const [earlier, setEarlier] = useState<readonly ApiKey[]>([])
  const [created, setCreated] = useState<ApiKeyCreated | null>(null)
  const command = storeKey(earlier.map(({ id }) => id))
  const news = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (created || earlier.length > 0) news.current?.focus()
  }, [created, earlier])

  async function begin(): Promise<void> {
    const found = (await list<ApiKey>('/v1/api-keys')).filter((key) => isKeyOf(key, accounts))
    setEarlier(found)
    if (found.length === 0) await create([])
  }
  async function create(replaced: readonly ApiKey[]): Promise<void> {
    // If this fails, the key may still exist: the next attempt looks for it.
    setEarlier([])
    const made = await post<ApiKeyCreated>('/v1/api-keys', input)
    setEarlier(replaced)
    setCreated(made)
    onCreated()
    const active: string[] = []
    for (const { id } of replaced) {
      await removeIfAny(`/v1/api-keys/${id}`).catch(() => active.push(keyPrefix(id)))
    }
    const detail = `Revoke it under API keys: ${active.join(', ')}`
    if (active.length > 0) throw new ApiError({ title: 'The earlier key still works', detail })
  }
  const limits = (
    <>
      For this mailbox only, until <Day time={input.expires_at} />.
      {input.app_only && ' App-only tokens open every mailbox that the app has access to.'}
    </>
  )
  return (
    <div>
      {!created && (
        <div class="row">
          <Button busy={busy} onClick={() => run(begin)}>
            Create API key
          </Button>
          <span class="small quiet">
            {limits} On a machine that has a key already, add this mailbox to it under{' '}
            <a href="#/api-keys">API keys</a>.
          </span>
        </div>
      )}
      <div role="status" tabIndex={-1} ref={news} class={earlier.length > 0 ? 'after' : ''}>
        {created && (
          <>
            <ShownOnce title="API key created" secret={created.key} name="API key">
              <p class="small">{limits}</p>
            </ShownOnce>
            <h3>Store it in a file</h3>
            <p>Run this in a terminal on Linux or macOS, paste the API key, and press Enter.</p>
            <Copyable text={command} name="command that stores the key" lines />
          </>
        )}
        {!created && earlier.length > 0 && (
          <Notice tone="ask" title="This mailbox already has an API key">
            {earlier.map(({ id, last_used_at: time }) => (
              <div key={id}>
                <span class="mono">{keyPrefix(id)}</span>, {time ? 'last used ' : 'not used yet'}
                {time && <Ago time={time} />}
              </div>
            ))}
            <p>
              Another machine needs another key. If you replace the key, programs with it stop
              working until they have the new one.
            </p>
            <div class="row">
              <Button busy={busy} onClick={() => run(() => create([]))}>
                Create another
              </Button>
              <Button class="danger" busy={busy} onClick={() => run(() => create(earlier))}>
                {earlier.length > 1 ? `Replace all ${earlier.length}` : 'Replace'}
              </Button>
            </div>
          </Notice>
        )}
      </div>
      <ProblemAlert problem={problem} />
    </div>
  )
}

function Programs({ accounts, url }: CardProps) {
  const [id, setId] = useState(accounts[0]?.id ?? '')
  const account = accounts.find((each) => each.id === id)
  if (!account) return null
  const guide = account.protocol === 'graph_send' ? GRAPH_GUIDE : '/docs/mail-programs'
  return (
    <div class="fields">
      {accounts.length > 1 && (
        <SelectField
          label="Access token for"
          value={id}
          error={undefined}
          onChange={setId}
          options={accounts.map(({ id, protocol }) => ({ value: id, label: useOf(protocol) }))}
        />
      )}
      <Loaded<Program[]> path="/docs/programs.json">
        {(examples) => (
          <Tabs
            key={id}
            label="Programs"
            tabs={programsFor(examples, account, url).map(({ name, steps }) => ({
              title: name,
              content: steps.map((step) => (
                <div key={name + step.title}>
                  <p class="small">{step.title}:</p>
                  <Copyable text={step.text} name={step.name} lines />
                </div>
              )),
            }))}
          />
        )}
      </Loaded>
      <p class="small">
        <NewTab href={`${guide}?account=${id}`} text="More programs" /> (opens a new tab)
      </p>
    </div>
  )
}
