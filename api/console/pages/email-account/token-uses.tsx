/** The API keys and client addresses that fetched access tokens of an account, by hour. */
import { useRef } from 'preact/hooks'
import type { TokenUse } from '../../../../schema/token-use.ts'
import { get, type ListPage } from '../../api.ts'
import { Card } from '../../components/card.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { ProblemAlert } from '../../components/notice.tsx'
import { OlderButton, usePagedList } from '../../components/paged-list.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { DayTime } from '../../components/time.tsx'
import { count } from '../../ui/phrase.ts'

type UsesProps = { id: string; use: string; signal: AbortSignal }

const pathOf = (id: string) => `/v1/mail-accounts/${id}/token-uses?limit=10`

export const TokenUses = (props: UsesProps) => (
  <Card title={`Who fetched access tokens for ${props.use}`}>
    <Loaded<ListPage<TokenUse>> path={pathOf(props.id)}>
      {(first) => <Uses first={first} {...props} />}
    </Loaded>
  </Card>
)

function Uses({ id, use, first, signal }: UsesProps & { first: ListPage<TokenUse> }) {
  const list = usePagedList<TokenUse, null>({
    initial: { filter: null, page: first },
    load: (_filter, cursor) =>
      get<ListPage<TokenUse>>(`${pathOf(id)}${cursor ? `&cursor=${cursor}` : ''}`, signal),
    signal,
  })
  const place = useRef<HTMLDivElement>(null)
  const uses = list.shown?.items ?? []
  if (uses.length === 0) return <p class="quiet">No program has fetched one in the last 90 days.</p>
  return (
    <>
      <p class="quiet small">For each key, address and hour of the last 90 days.</p>
      <div tabIndex={-1} ref={place}>
        <Table
          caption={`Who fetched access tokens for ${use}`}
          columns={columns}
          rows={uses.map((use) => ({ ...use, id: `${use.key} ${use.address} ${use.first_at}` }))}
        />
      </div>
      <ProblemAlert problem={list.problem} />
      <OlderButton list={list} onEnd={() => place.current?.focus()} />
    </>
  )
}

const columns: Column<TokenUse & { id: string }>[] = [
  { name: 'API key', cell: ({ key, key_name }) => key_name ?? (key === 'root' ? 'Root key' : key) },
  { name: 'Address', cell: ({ address }) => <span class="mono">{address}</span> },
  {
    name: 'When',
    cell: ({ first_at, last_at }) => (
      <>
        <DayTime time={first_at} />
        {last_at !== first_at && (
          <>
            {' to '}
            <DayTime time={last_at} />
          </>
        )}
      </>
    ),
  },
  { name: 'Tokens', cell: (use) => count(use.count, 'token') },
]
