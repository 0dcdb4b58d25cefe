/** "Use this mailbox": an API key of its own, programs that fetch a first access token with it, and who fetched some. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiKey, ApiKeyCreated } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { list, post, remove } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card, Fact } from '../../components/card.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { Copyable } from '../../components/copyable.tsx'
import { SelectField } from '../../components/fields.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { NewTab } from '../../components/new-tab.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { ShownOnce } from '../../components/shown-once.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { Ago, Day } from '../../components/time.tsx'
import { useAction } from '../../components/use-action.ts'
import { may } from '../../rights.ts'
import { useOf } from '../../ui/mail-account.ts'
import { isKeyOf, keyOf } from '../api-keys/draft.ts'
import { GRAPH_GUIDE } from './labels.ts'
import { type Program, programsFor, STORE_KEY } from './programs.ts'
import { TokenUses } from './token-uses.tsx'

/** `accounts`: those of the mailbox that have access tokens. `url`: the address of this deployment. */
type CardProps = { accounts: readonly MailAccount[]; url: string }

export function UseCard({ accounts, url }: CardProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Card title="Use this mailbox">
      <div class="stack">
        <dl class="facts">
          {accounts.map(({ id, protocol }) => (
            <Fact key={id} name={`ID for ${useOf(protocol)}`}>
              <code>{id}</code>
            </Fact>
          ))}
        </dl>
        {may('admin') ? (
          <MailboxKey accounts={accounts} onCreated={() => setOpen(true)} />
        ) : (
          <p>A program also needs an API key. Your Mailgrant administrator can create it here.</p>
        )}
        <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>Programs that fetch an access token</summary>
          {isOpen && <Programs accounts={accounts} url={url} />}
        </details>
        {accounts.map(({ id, protocol }) => (
          <TokenUses key={id} id={id} use={useOf(protocol)} />
        ))}
      </div>
    </Card>
  )
}

function MailboxKey(props: { accounts: CardProps['accounts']; onCreated: () => void }) {
  const { accounts, onCreated } = props
  const { busy, problem, run } = useAction()
  const [question, confirm] = useConfirm()
  const [input] = useState(() => keyOf(accounts))
  const [created, setCreated] = useState<ApiKeyCreated | null>(null)
  const news = useRef<HTMLDivElement>(null)
  // The button is gone.
  useEffect(() => {
    if (created) news.current?.focus()
  }, [created])

  async function create(): Promise<void> {
    const keys = await list<ApiKey>('/v1/api-keys')
    const earlier = keys.find((key) => isKeyOf(key, accounts))
    if (earlier && !(await confirm(replacing(earlier)))) return
    setCreated(await post<ApiKeyCreated>('/v1/api-keys', input))
    onCreated()
    if (earlier) await remove(`/v1/api-keys/${earlier.id}`)
  }
  return (
    <div>
      {!created && (
        <div class="row">
          <Button busy={busy} onClick={() => run(create)}>
            Create API key
          </Button>
          <span class="small quiet">
            Fetches access tokens of this mailbox only, until <Day time={input.expires_at} />.
            {input.app_only && ' App-only tokens open every mailbox that the app has access to.'}
          </span>
        </div>
      )}
      <div role="status" tabIndex={-1} ref={news}>
        {created && (
          <ShownOnce
            title={`API key "${created.name}" created`}
            secret={created.key}
            name="API key"
          >
            <p class="after">Store it in a file: run this, paste the API key, and press Enter.</p>
            <Copyable text={STORE_KEY} name="command that stores the key" lines />
          </ShownOnce>
        )}
      </div>
      <ProblemAlert problem={problem} />
      {question}
    </div>
  )
}

const replacing = ({ name, last_used_at: time }: ApiKey) => ({
  title: 'Replace the API key of this mailbox?',
  yes: 'Replace',
  danger: true,
  children: (
    <p>
      {time ? (
        <>
          "{name}" was last used <Ago time={time} />.
        </>
      ) : (
        `"${name}" has not been used yet.`
      )}{' '}
      Programs with it stop working until they have the new one. To keep it, create another under
      API keys.
    </p>
  ),
})

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
                  <p class="small after">{step.title}:</p>
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
