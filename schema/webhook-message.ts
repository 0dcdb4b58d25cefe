/** Webhook messages: the body of each type, which its signature covers byte for byte. */
import { z } from 'zod'
import { ReconnectedAccount } from './authorization.ts'
import {
  Address,
  AuthorizationId,
  count,
  GrantId,
  MailAccountId,
  optionalText,
  Time,
  text,
  time,
} from './common.ts'
import { Customer } from './customer.ts'
import { messages, messageTypes, type WebhookMessageType } from './events.ts'
import { SignedInAs } from './grant.ts'
import { MailServer, Protocol, Resource } from './mail-servers.ts'
import { StateProblem } from './problem.ts'

const detail = (example: string) => text('What happened, who must act, and how.', example)

const appOnly = {
  flow: z.literal('app_only').optional().meta({
    description: 'Present for app-only access only, where `subject` is the tenant.',
  }),
  tenant: optionalText('The tenant. Present with `flow`.'),
}

const delegated = {
  signed_in_as: SignedInAs.optional().meta({
    description: 'The user who signed in. Absent for app-only access.',
  }),
}

const credentialExpiry = {
  expires_at: time('When the client secret or certificate expires.'),
  days_left: count('Whole days left until then.', 7),
}

/** Describes a member of a key before and after the change; absent unless it was changed. */
const changed = (name: string, schema: z.ZodType, example: readonly [unknown, unknown]) => ({
  [`${name}_from`]: schema.optional().meta({
    description: `The former value of \`${name}\`. Absent if it was not changed.`,
    example: example[0],
  }),
  [`${name}_to`]: schema
    .optional()
    .meta({ description: `The new value of \`${name}\`.`, example: example[1] }),
})

const loginFields = {
  mail_account: MailAccountId.meta({ description: 'Id of the email account.' }),
  protocol: Protocol,
  host: MailServer.shape.host,
  username: Address.meta({ description: 'Address of the mailbox.' }),
  identity: text('The login name.', 'support@contoso.com'),
}

const signInFields = {
  id: AuthorizationId,
  username: Address.meta({ description: 'Address of the mailbox.' }),
  mail_account_id: ReconnectedAccount,
}

/** Fields that the `data` of a type has beyond the common ones. */
const fields: Partial<Record<WebhookMessageType, z.ZodRawShape>> = {
  'grant.reconnect_required': {
    detail: detail('The consent was revoked. Sign in again to reconnect.'),
    signed_in_as: SignedInAs,
  },
  'grant.recovered': {
    from: z.enum(['reconnect_required', 'blocked']).meta({
      description:
        'The previous status. No message is sent at the beginning or end of `cooling_down`.',
      example: 'blocked',
    }),
    authorization: optionalText('The authorization that reconnected it, if one did.'),
    ...delegated,
    ...appOnly,
  },
  'grant.blocked': {
    detail: detail('Conditional Access blocks the app. An administrator must allow it.'),
    ...delegated,
    ...appOnly,
  },
  'grant.protocols_changed': {
    protocols: text('The protocols that Microsoft grants now, separated by spaces.', 'imap'),
    lost: optionalText(
      'Protocols that it no longer grants: their email accounts are `blocked` until an administrator has consented again.',
      'smtp',
    ),
    regained: optionalText('Protocols that it grants again.'),
    signed_in_as: SignedInAs,
  },
  'integration.secret_expiring': credentialExpiry,
  'integration.secret_expired': credentialExpiry,
  'integration.credential_rejected': {
    detail: detail('Microsoft rejects the client secret. Save a new one.'),
  },
  'integration.issuer_unreachable': {
    detail: detail(
      "Microsoft could not read Mailgrant's OpenID configuration at PUBLIC_URL, https://mail.example.com, or its key set (AADSTS50166). Make sure that both can be reached from the internet over HTTPS.",
    ),
  },
  'integration.microsoft_unreachable': {
    detail: detail(
      "login.microsoftonline.com can't be reached from this server: your Mailgrant administrator must allow connections from this server to login.microsoftonline.com on port 443, or set HTTPS_PROXY (ECONNREFUSED). It will be retried automatically.",
    ),
    host: text('The login host that was called.', 'login.microsoftonline.com'),
    since: time('The first request without a response.'),
  },
  'integration.microsoft_reachable': { since: time('The first request without a response.') },
  'api_key.updated': {
    name: text('The name of the key.', 'Mail worker'),
    ...changed('name', z.string(), ['Mail worker 1', 'Mail worker']),
    ...changed('scopes', z.string(), ['tokens write', 'tokens']),
    ...changed('mail_accounts', z.number(), [1, 2]),
    mail_accounts_added: optionalText(
      'Ids of the email accounts that were added to its list, separated by spaces. Absent if the list was not changed.',
      'ma_mwiq4wgd7u5x2l3k7777777777',
    ),
    mail_accounts_removed: optionalText('Ids of those that were removed from it.', ''),
    ...changed('app_only', z.boolean(), [true, false]),
    ...changed('expires_at', Time.nullable(), [null, '2028-11-24T00:00:00.000Z']),
  },
  'mail_account.protocol_changed': {
    mail_account: MailAccountId.meta({ description: 'Id of the email account.' }),
    username: Address.meta({ description: 'Address of the mailbox.' }),
    from: Protocol.meta({ description: 'The former protocol.', example: 'smtp' }),
    to: Protocol.meta({ description: 'The new protocol.', example: 'graph_send' }),
  },
  'validation.failed': loginFields,
  'validation.passed': loginFields,
  'authorization.completed': {
    ...signInFields,
    signed_in_as: SignedInAs,
    tenant_id: text('Entra tenant of the user.', '3f2504e0-4f89-41d3-9a0c-0305e82c3301'),
    grant_id: GrantId,
    protocols: text(
      'The protocols that were granted, separated by spaces. Those of a second resource were only asked for: Microsoft decides on them right afterwards, and the grant shows the result.',
      'imap smtp',
    ),
  },
  'authorization.failed': {
    ...signInFields,
    problem: StateProblem.pick({ code: true, detail: true }).meta({
      description: 'Why it failed.',
      example: {
        code: 'account_mismatch',
        detail: 'mallory@example.com signed in, not support@contoso.com. Nothing was saved.',
      },
    }),
  },
  'admin_consent.completed': {
    unverified: z.literal(true).meta({
      description:
        'Anyone who has the link can forge this event. Try a sign-in before you rely on it.',
    }),
    resource: Resource.meta({
      description: 'The API whose permissions the link asks for.',
      example: 'outlook',
    }),
    tenant: optionalText(
      'Tenant GUID as stated in the response.',
      '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    ),
    authorization: optionalText('The authorization for which the link was created, if any.'),
  },
}

type TopicOf<Type> = Type extends `${infer Topic}.${string}` ? Topic : never
type Topic = TopicOf<WebhookMessageType>

/** The resource that `subject` identifies, by the first part of the type, and an example of its id. */
const subjects: Record<Topic, { about: string; example: string }> = {
  grant: { about: 'a grant', example: 'gr_mwiq4wgd7u5x2l3k7777777777' },
  validation: { about: 'a validation', example: 'va_mwiq4wgd7u5x2l3k7777777777' },
  integration: { about: 'the integration', example: 'microsoft' },
  authorization: { about: 'an authorization', example: 'az_mwiq4wgd7u5x2l3k7777777777' },
  admin_consent: { about: 'an admin-consent link', example: 'ac_mwiq4wgd7u5x2l3k7777777777' },
  mail_account: { about: 'an email account', example: 'ma_mwiq4wgd7u5x2l3k7777777777' },
  api_key: { about: 'an API key', example: 'key_mwiq4wgd7u5x2l3k7777777777' },
  webhook: { about: 'the webhook', example: 'wh_mwiq4wgd7u5x2l3k7777777777' },
}

/** Turns a type into the name of its schema: `grant.recovered` into `GrantRecovered`. */
export const messageName = (type: string) =>
  type.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())

const messageOf = (type: WebhookMessageType) => {
  const { title, help } = messages[type]
  const data = fields[type] ?? {}
  const { about, example } = subjects[type.split('.')[0] as Topic]
  return {
    type,
    title,
    about,
    schema: z
      .object({
        type: z.literal(type).meta({ description: 'Type of the message.', example: type }),
        timestamp: time('When it happened.'),
        data: z
          .object({
            event_id: text(
              'Id of the audit event behind the message.',
              'ev_mwiq4wgd7u5x2l3k7777777777',
            ),
            customer: Customer.meta({
              description: 'The customer that it concerns; null without one.',
            }),
            subject: text(`Id of ${about}.`, example),
            mail_accounts: z.array(MailAccountId).meta({
              description:
                'Ids of the affected email accounts, at most 100. Empty for a grant that no account is saved with.',
              ...(!/^(gr|ma|va)_/.test(example) && { example: [] }),
            }),
            ...data,
          })
          .meta({ description: 'Details. Fields may be added: ignore unknown ones.' }),
      })
      .meta({ id: `${messageName(type)}Message`, description: `${title}. ${help}` }),
  }
}

export const webhookMessages = messageTypes.map(messageOf)

const [first, ...others] = webhookMessages.map(({ schema }) => schema)
if (!first) throw new Error('there are no webhook messages')

export const WebhookMessage = z.discriminatedUnion('type', [first, ...others]).meta({
  id: 'WebhookMessage',
  'x-extensible': true,
  description: 'Any message. More types may be added. Respond with 2XX to unknown ones.',
})
/** Any message. The members of `data` that depend on the type come from the audit event. */
export type WebhookMessage = z.infer<typeof WebhookMessage>

/** Headers of every message, as defined by Standard Webhooks. */
export const WebhookHeaders = z.object({
  'webhook-id': text(
    'Id of the message, the same for every delivery attempt.',
    'msg_0f8fad5bd9cb469fa16570867728950e',
  ),
  'webhook-timestamp': text(
    'When it was sent, in seconds since the Unix epoch. Reject messages older than five minutes.',
    '1795512600',
  ),
  'webhook-signature': text(
    'Signatures over `id.timestamp.body`, separated by spaces. One must match.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
})
