/** What a webhook is sent: the body of each type, which its signature covers byte for byte. */
import { z } from 'zod'
import { Address, MailAccountId, Time } from './common.ts'
import { SignedInAs } from './grant.ts'
import { MailServer, Protocol } from './mail-servers.ts'
import type { WebhookEvent } from './webhook.ts'

const detail = (example: string) =>
  z.string().meta({ description: 'What happened and who has to do what, in words.', example })

const appOnly = {
  flow: z.literal('app_only').optional().meta({
    description: 'Only of app-only access, where `subject` is the tenant.',
  }),
  tenant: z.string().optional().meta({ description: 'With `flow`: the tenant.' }),
}

/** Of a person's grant. */
const person = {
  signed_in_as: SignedInAs.optional().meta({
    description: 'Who signed in. Not of app-only access, where nobody did.',
  }),
}

const secretEnd = {
  expires_at: Time.meta({ description: 'When the client secret or certificate ends.' }),
  days_left: z.int().min(0).meta({ description: 'Whole days until then.', example: 7 }),
}

type Told = {
  summary: string
  /** What `subject` is the id of, and such an id. */
  about: string
  example: string
  data: z.ZodRawShape
}

const GRANT = 'gr_mwiq4wgd7u5x2l3k7777777777'

/** What each says, with what its `data` holds besides what all have. */
const told: Record<WebhookEvent | 'webhook.test', Told> = {
  'grant.reconnect_required': {
    summary: 'A person must sign in again',
    about: 'a grant',
    example: GRANT,
    data: {
      detail: detail('The consent was revoked. Sign in again to reconnect.'),
      signed_in_as: SignedInAs,
    },
  },
  'grant.recovered': {
    summary: 'It works again',
    about: 'a grant',
    example: GRANT,
    data: {
      from: z.enum(['reconnect_required', 'blocked']).meta({
        description:
          'What it was before. The end of a `cooling_down` is not told, as its begin was not.',
        example: 'blocked',
      }),
      authorization: z.string().optional().meta({
        description: 'The authorization that reconnected it, if one did.',
      }),
      ...person,
      ...appOnly,
    },
  },
  'grant.blocked': {
    summary: 'An administrator must act',
    about: 'a grant',
    example: GRANT,
    data: {
      detail: detail('Conditional Access keeps the app out. An administrator must allow it.'),
      ...person,
      ...appOnly,
    },
  },
  'integration.secret_expiring': {
    summary: 'The client secret or certificate ends in 30, 7 or 1 days',
    about: 'the integration',
    example: 'microsoft',
    data: secretEnd,
  },
  'integration.secret_expired': {
    summary: 'The client secret or certificate has ended',
    about: 'the integration',
    example: 'microsoft',
    data: secretEnd,
  },
  'integration.credential_rejected': {
    summary: 'Microsoft refuses the client secret or certificate',
    about: 'the integration',
    example: 'microsoft',
    data: { detail: detail('Microsoft refuses the client secret. Save a new one.') },
  },
  'validation.failed': {
    summary: 'A saved account that was not known to fail fails to log in',
    about: 'a validation',
    example: 'va_mwiq4wgd7u5x2l3k7777777777',
    data: {
      mail_account: MailAccountId.meta({ description: 'The account.' }),
      protocol: Protocol,
      host: MailServer.shape.host,
      username: Address.meta({ description: 'The mailbox.' }),
      identity: z.string().meta({
        description: 'Who logged in.',
        example: 'support@contoso.com',
      }),
    },
  },
  'admin_consent.completed': {
    summary: 'An administrator consented',
    about: 'an admin-consent link',
    example: 'ac_mwiq4wgd7u5x2l3k7777777777',
    data: {
      unverified: z.literal(true).meta({
        description: 'Whoever holds the link can forge this. Try a sign-in before you rely on it.',
      }),
      tenant: z.string().optional().meta({
        description: 'The tenant, a GUID, as Microsoft named it.',
        example: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
      }),
      authorization: z.string().optional().meta({
        description: 'The authorization that the link was made for, if it was for one.',
      }),
    },
  },
  'webhook.test': {
    summary: 'Nothing happened: somebody tries the webhook',
    about: 'the webhook',
    example: 'wh_mwiq4wgd7u5x2l3k7777777777',
    data: {},
  },
}

const messageOf = ([type, { summary, about, example, data }]: [string, Told]) => ({
  type,
  summary,
  about,
  /** What `data` holds besides what all have. */
  members: Object.keys(data),
  schema: z.object({
    type: z.literal(type).meta({ description: 'What happened.', example: type }),
    timestamp: Time.meta({ description: 'When it happened.' }),
    data: z
      .object({
        event_id: z.string().meta({
          description: 'The audit event that it tells of.',
          example: 'ev_mwiq4wgd7u5x2l3k7777777777',
        }),
        subject: z.string().meta({ description: `The id of ${about}.`, example }),
        mail_accounts: z.array(MailAccountId).meta({
          description:
            'The mail accounts of the grant or the tenant, 100 at most, or the one that was validated.',
          ...(!/^(gr|va)_/.test(example) && { example: [] }),
        }),
        ...data,
      })
      .meta({ description: 'Facts. More may come: ignore what you do not know.' }),
  }),
})

export const webhookMessages = Object.entries(told).map(messageOf)

/** Of every message, as Standard Webhooks has them. */
export const WebhookHeaders = z.object({
  'webhook-id': z.string().meta({
    description: 'Of the message: the same however often it is sent.',
    example: 'msg_0f8fad5bd9cb469fa16570867728950e',
  }),
  'webhook-timestamp': z.string().meta({
    description: 'When it was sent, seconds since 1970. Refuse what is older than five minutes.',
    example: '1795512600',
  }),
  'webhook-signature': z.string().meta({
    description: 'Signatures over `id.timestamp.body`, separated by spaces. One must be right.',
    example: 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  }),
})
