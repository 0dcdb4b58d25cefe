/** The API keys and client addresses that fetched access tokens of an account, by day. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { TokenUse } from '../../../../schema/token-use.ts'
import type { ListPage } from '../../api.ts'
import { Disclosure, Loaded } from '../../components/loaded.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { DayTime } from '../../components/time.tsx'
import { useOf } from '../../ui/mail-account.ts'
import { capitalised, count } from '../../ui/phrase.ts'

/** Number of uses that are shown. The API has the others. */
const SHOWN = 50

export const TokenUses = ({ accounts }: { accounts: readonly MailAccount[] }) => (
  <Disclosure title="Who fetched access tokens">
    <p class="quiet small">For each key, address and day of the last 90 days.</p>
    {accounts.map(({ id, protocol }) => (
      <Loaded<ListPage<TokenUse>>
        key={id}
        path={`/v1/mail-accounts/${id}/token-uses?limit=${SHOWN}`}
      >
        {({ data: uses }) =>
          uses.length === 0 ? (
            <p class="quiet">No program has fetched one for {useOf(protocol)}.</p>
          ) : (
            <>
              {accounts.length > 1 && <h3>{capitalised(useOf(protocol))}</h3>}
              <Table
                caption={`Who fetched access tokens for ${useOf(protocol)}`}
                columns={columns}
                rows={uses.map((use) => ({
                  ...use,
                  id: `${use.key} ${use.address} ${use.first_at}`,
                }))}
              />
            </>
          )
        }
      </Loaded>
    ))}
  </Disclosure>
)

const columns: Column<TokenUse & { id: string }>[] = [
  { name: 'API key', cell: ({ key, key_name }) => key_name ?? (key === 'root' ? 'Root key' : key) },
  { name: 'Address', cell: ({ address }) => <span class="mono">{address}</span> },
  { name: 'Last fetched', cell: ({ last_at }) => <DayTime time={last_at} /> },
  { name: 'Tokens', cell: (use) => count(use.count, 'token') },
]
