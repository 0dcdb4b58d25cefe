/** The API keys and client addresses that fetched access tokens of an email account, by hour. */
import { z } from 'zod'
import { Time } from './common.ts'

export const TokenUse = z
  .object({
    key: z.string().nullable().meta({
      description:
        'Id of the API key, or `root` for `ROOT_API_KEY`. Null for a key with a customer if another key than one of that customer fetched the token.',
      example: 'key_mwiq4wgd7u5x2l3k7777777777',
    }),
    key_name: z.string().nullable().meta({
      description:
        'The name of the key now. Null for `root`, and for callers whose key is limited.',
      example: 'Mail worker',
    }),
    address: z.string().nullable().meta({
      description:
        'IP address of the client. Of an IPv6 address, only the network is kept (`2001:db8:0:1::/64`). Null where `key` is.',
      example: '203.0.113.7',
    }),
    first_at: Time.meta({ description: 'The first time within this hour (UTC).' }),
    last_at: Time.meta({ description: 'The last time within this hour.' }),
    count: z.int().min(1).meta({
      description: 'How many tokens were issued within this hour; on Cloudflare, at least as many.',
      example: 2,
    }),
  })
  .meta({ id: 'TokenUse' })
export type TokenUse = z.infer<typeof TokenUse>

export const TokenUseList = z
  .object({
    data: z.array(TokenUse).meta({
      description:
        'The items of this page: the newest day first, and within a day one key and address after the other, each with its newest hour first.',
    }),
    next_cursor: z.string().nullable().meta({
      description: 'The next `cursor`. Null on the last page.',
      example: null,
    }),
  })
  .meta({ id: 'TokenUseList' })
export type TokenUseList = z.infer<typeof TokenUseList>
