/** The API keys and client addresses that fetched access tokens of an email account, by day. */
import { z } from 'zod'
import { listOf, object, textOrNull, time } from './common.ts'

export const TokenUse = object('TokenUse', {
  key: textOrNull(
    'Id of the API key, or `root` for `ROOT_API_KEY`. Null for a key with a customer if another key than one of that customer fetched the token.',
    'key_mwiq4wgd7u5x2l3k7777777777',
  ),
  key_name: textOrNull(
    'The name of the key now. Null for `root`, and for callers whose key is limited.',
    'Mail worker',
  ),
  address: textOrNull(
    'IP address of the client. Of an IPv6 address, only the network is kept (`2001:db8:0:1::/64`). Null where `key` is.',
    '203.0.113.7',
  ),
  first_at: time('The first time on this day (UTC).'),
  last_at: time('The last time on this day.'),
  count: z.int().min(1).meta({
    description: 'How many tokens were issued on this day; on Cloudflare, at least as many.',
    example: 2,
  }),
})
export type TokenUse = z.infer<typeof TokenUse>

export const TokenUseList = listOf(
  TokenUse,
  'TokenUseList',
  'The items of this page, one for each day, key and address, the newest day first.',
)
export type TokenUseList = z.infer<typeof TokenUseList>
