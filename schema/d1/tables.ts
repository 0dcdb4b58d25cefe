/**
 * Tables of the product. `*_sealed` columns hold a compact JWE made by api/store/seal.ts, each with a `*_label` column
 * that holds its beginning; `*_hash` columns hold an HMAC-SHA-256 in base64url. Nothing else in this database is secret.
 * A `customer` is null without one. Only api/store/ reads these tables, and types of the model are derived from them.
 */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ConsolePerson } from '../console-session.ts'
import type { Credential } from '../credential.ts'
import type { FailureFacts } from '../failure.ts'
import type { GrantStatus } from '../grant.ts'
import type { TokenRequestOutcome } from '../history.ts'
import type { AccountType, Cloud, Protocol, Security } from '../mail-servers.ts'
import type { Outcome, Step } from '../probe.ts'
import type { ProblemCode, TokenProblemCode } from '../problem.ts'
import type { Resource } from '../protocols.ts'
import { jsonWithTimes, keyLabel, time, words } from './columns.ts'

/** Columns of the last failure of an access token. */
const lastFailure = {
  /** Failures in a row. */
  failures: integer().notNull().default(0),
  retryAt: time('retry_at'),
  problemCode: text('problem_code').$type<TokenProblemCode>(),
  problemDetail: text('problem_detail'),
  problemFacts: text('problem_facts', { mode: 'json' }).$type<FailureFacts>(),
  problemSince: time('problem_since'),
  /** Time of the last attempt that failed. */
  failedAt: time('failed_at'),
}

/** A refusal of the app by Microsoft, not of a single account. */
export type AppProblem = {
  /**
   * - `credential_rejected`: Microsoft rejects the credential, or does not know the app.
   * - `issuer_unreachable`: it could not read Mailgrant's keys, so it could not judge the credential.
   */
  code: 'credential_rejected' | 'issuer_unreachable'
  since: Date
  /** Time of the last refusal. */
  at: Date
  /** A sentence for the operator. */
  detail: string
  facts: FailureFacts
  /** True if only the tenants that decide about the app refuse it: its home, or the only one that may sign in. */
  ofOwnTenant: boolean
}

/** The parts of a credential that may be shown. */
export type CredentialFacts = {
  type: Credential['type']
  /** First characters of a secret, SHA-256 thumbprint of a certificate, or issuer of a federated credential. */
  hint: string
  /** PEM of a certificate; else null. */
  certificate: string | null
  expiresAt: Date | null
  /** Days of validity of a certificate; null for others. */
  lifetimeDays: number | null
}

/** An outage: Microsoft's login host does not respond. */
export type Outage = {
  /** Time of the first request without a response. */
  since: Date
  /** Time of a recent request without a response. */
  at: Date
  /** Host, and the reason why it was not reached, or what was received in its place. */
  facts: FailureFacts
  /** True once it has lasted for 15 minutes, and its event for webhooks was written. */
  announced: boolean
}

/** A single row, `microsoft`: activation and app registration. Absent until the first change. */
export const integrations = sqliteTable('integrations', {
  id: text().primaryKey(),
  active: integer({ mode: 'boolean' }).notNull().default(false),
  clientId: text('client_id'),
  /** Null without a credential. */
  credential: jsonWithTimes<CredentialFacts>('credential', 'expiresAt'),
  /**
   * Client secret, or private key as PKCS#8; empty for a federated credential, which has signing keys instead. Vouches
   * for the app registration and the credential's facts in the row.
   */
  credentialSealed: text('credential_sealed'),
  credentialLabel: keyLabel('credential_sealed'),
  /** Days before expiry of the last warning, so that each warning is given once. */
  credentialWarnedDays: integer('credential_warned_days'),
  /** Second credential, to be verified and then promoted; or the one that the last promotion replaced. */
  nextCredential: jsonWithTimes<CredentialFacts>('next_credential', 'expiresAt'),
  nextCredentialSealed: text('next_credential_sealed'),
  nextCredentialLabel: keyLabel('next_credential_sealed'),
  /**
   * End of the time in which the replaced credential can be put back; null for one that was never in use, or was taken
   * out of use again by an undo.
   */
  undoUntil: time('undo_until'),
  cloud: text().$type<Cloud>().notNull().default('global'),
  tenant: text().notNull().default('common'),
  homeTenant: text('home_tenant'),
  /** Protocols that accounts and sign-ins may use. */
  protocols: words().$type<Protocol[]>().notNull().default(sql`'imap smtp'`),
  /** GUID of the home tenant, once the domain in `homeTenant` has been resolved. */
  homeTenantId: text('home_tenant_id'),
  /**
   * Time of the last successful verification of these settings; null before the first, after a change, and after the
   * app or its credential failed.
   */
  verifiedAt: time('verified_at'),
  /** The reason for which Microsoft refuses the app; null while it does not. */
  appProblem: jsonWithTimes<AppProblem>('app_problem', 'since', 'at'),
  /** Set while Microsoft's login host does not respond. */
  outage: jsonWithTimes<Outage>('outage', 'since', 'at'),
  /** Random id in the subject of the federated credential. Made when it is first read, and constant since. */
  deploymentId: text('deployment_id'),
  /** The ETag: counts changes to the fields that a PUT sets. */
  version: integer().notNull().default(0),
})

/** Keys with which Mailgrant signs the assertions of the federated credential. Their public keys are published. */
export const signingKeys = sqliteTable(
  'signing_keys',
  {
    /** The `kid`: SHA-256 thumbprint (RFC 7638). */
    id: text().primaryKey(),
    /** PKCS#8, PEM. */
    privateKeySealed: text('private_key_sealed').notNull(),
    privateKeyLabel: keyLabel('private_key_sealed'),
    /** Modulus and exponent as in a JWK. */
    publicKey: text('public_key', { mode: 'json' }).$type<{ n: string; e: string }>().notNull(),
    createdAt: time('created_at').notNull(),
    /** Time from which this key signs, in place of the one before it. */
    signsFrom: time('signs_from').notNull(),
    /** Time since which no credential is federated; null while one is. */
    unusedSince: time('unused_since'),
  },
  (t) => [index('signing_keys_private_key_label').on(t.privateKeyLabel)],
)

/** Sign-ins ("Get Access Token"), from the link until an hour after the end. */
export const authorizations = sqliteTable(
  'authorizations',
  {
    id: text().primaryKey(),
    customer: text(),
    status: text().$type<'pending' | 'completed' | 'failed'>().notNull().default('pending'),
    username: text().notNull(),
    delegate: text(),
    protocols: words().$type<Protocol[]>().notNull(),
    origin: text(),
    returnUrl: text('return_url'),
    mailAccountId: text('mail_account_id'),
    apply: text().$type<'on_save' | 'at_once'>().notNull(),
    /** True if the link was made to be sent to the mailbox's owner, so it is valid for more than an hour. */
    sent: integer({ mode: 'boolean' }).notNull().default(false),
    /** `root`, the id of an API key, or the object id of a person. */
    requestedBy: text('requested_by').notNull(),
    /** Set for an authorization that a person requested in the console: the person, and what vouched for them. */
    requestedByPerson: text('requested_by_person', { mode: 'json' }).$type<ConsolePerson>(),
    linkHash: text('link_hash').notNull(),
    statusHash: text('status_hash').notNull(),
    createdAt: time('created_at').notNull(),
    /** Deadline for starting the sign-in, then for returning from Microsoft, then for storing the result. */
    expiresAt: time('expires_at').notNull(),
    /** This and the following columns are set when the browser goes to Entra; a new start replaces them. */
    startedAt: time('started_at'),
    stateHash: text('state_hash'),
    browserHash: text('browser_hash'),
    verifierSealed: text('verifier_sealed'),
    verifierLabel: keyLabel('verifier_sealed'),
    /** Parameters of the request to Microsoft: the app, its cloud and tenant, and the scopes. */
    signIn: text('sign_in', { mode: 'json' }).$type<{
      clientId: string
      cloud: Cloud
      tenant: string
      scopes: string[]
    }>(),
    /** Arrival of the callback, after which no other one is accepted. */
    consumedAt: time('consumed_at'),
    /** Random id of the request that consumed it, which recognises its write if D1's response is lost. */
    consumedBy: text('consumed_by'),
    /** Set to `expiresAt` once webhooks were notified that a sent link has expired. */
    endedAt: time('ended_at'),
    /** Set after a mismatch: the next sign-in prompts for the account. */
    mismatch: integer({ mode: 'boolean' }).notNull().default(false),
    grantId: text('grant_id'),
    problem: text({ mode: 'json' }).$type<{
      code: ProblemCode
      detail: string
      facts: FailureFacts | null
    }>(),
    /** Admin-consent link that was created for this sign-in, if any. It stays the same however often it is shown. */
    adminLinkSealed: text('admin_link_sealed'),
    adminLinkLabel: keyLabel('admin_link_sealed'),
  },
  (t) => [
    uniqueIndex('authorizations_state').on(t.stateHash),
    index('authorizations_expires').on(t.expiresAt),
    index('authorizations_grant').on(t.grantId),
    index('authorizations_customer').on(t.customer, t.createdAt, t.id),
    // Finds the grants that a restricted key may use.
    index('authorizations_requester').on(t.requestedBy).where(sql`grant_id IS NOT NULL`),
    index('authorizations_username').on(sql`lower(${t.username})`, t.consumedAt),
    // For lists, one index for each filter, as on grants.
    index('authorizations_created').on(t.createdAt, t.id),
    index('authorizations_status').on(t.status, t.createdAt, t.id),
    index('authorizations_mailbox').on(sql`lower(${t.username})`, t.createdAt, t.id),
    index('authorizations_account').on(t.mailAccountId, t.createdAt, t.id),
    // Open links of a requester, which are few.
    index('authorizations_open').on(t.requestedBy, t.expiresAt).where(sql`status = 'pending'`),
    // Sent links whose end webhooks have not been notified of.
    index('authorizations_sent').on(t.expiresAt).where(sql`sent = 1 AND ended_at IS NULL`),
    index('authorizations_verifier_label').on(t.verifierLabel),
    index('authorizations_admin_link_label').on(t.adminLinkLabel),
  ],
)

/**
 * Grants of sign-ins. Each keeps the client, cloud, tenant and scopes it was created with. Its access tokens are in
 * `grant_tokens`.
 */
export const grants = sqliteTable(
  'grants',
  {
    id: text().primaryKey(),
    customer: text(),
    /**
     * The best state of its access tokens, which triggers keep. Lists and the maintenance find grants by it. Without a
     * token, there is nothing to refresh.
     */
    state: text().$type<Exclude<GrantStatus, 'unsaved'>>().notNull().default('reconnect_required'),
    /** Null while no saved email account uses it; it is then deleted at `expiresAt`. */
    savedAt: time('saved_at'),
    expiresAt: time('expires_at'),
    /** API key or person that alone may validate and save it, from a link that was sent; null if others may, too. */
    reservedFor: text('reserved_for'),
    createdAt: time('created_at').notNull(),
    clientId: text('client_id').notNull(),
    cloud: text().$type<Cloud>().notNull(),
    /** Entra tenant of the user. With `objectId`, it identifies the user. */
    tenantId: text('tenant_id').notNull(),
    objectId: text('object_id').notNull(),
    accountType: text('account_type').$type<AccountType>().notNull(),
    signedInAs: text('signed_in_as').notNull(),
    /** Scopes requested for all resources, corrected by responses (`scopesAfter`). Every refresh asks for those of one. */
    scopes: words().notNull(),
    /** The protocols of all its access tokens, which triggers keep. */
    covered: words().$type<Protocol[]>().notNull().default(sql`''`),
    refreshTokenSealed: text('refresh_token_sealed'),
    refreshTokenLabel: keyLabel('refresh_token_sealed'),
    /** The last refresh token known to work, until its successor has worked. */
    previousRefreshTokenSealed: text('previous_refresh_token_sealed'),
    previousRefreshTokenLabel: keyLabel('previous_refresh_token_sealed'),
    /** JSON that the next authorization request for this grant passes on to Entra; null after a token was issued. */
    claimsChallengeSealed: text('claims_challenge_sealed'),
    claimsChallengeLabel: keyLabel('claims_challenge_sealed'),
    /** Time of the last refresh of any access token, from which an idle refresh token expires. */
    refreshedAt: time('refreshed_at'),
    /** Fences every write of tokens and state, those in `grant_tokens` as well. */
    version: integer().notNull().default(0),
    /** Writer of this version, which distinguishes a lost response of D1 from a lost race. */
    writtenBy: text('written_by'),
    leaseOwner: text('lease_owner'),
    leaseExpiresAt: time('lease_expires_at'),
    /** Time and outcome of the last token request. A trigger counts each write in `daily_counts`. */
    lastRequestAt: time('last_request_at'),
    lastRequestOutcome: text('last_request_outcome').$type<TokenRequestOutcome>(),
  },
  (t) => [
    // Indexes for the list, one for each filter. Their last columns are the order of the list, so that a page reads
    // only its rows.
    index('grants_created').on(t.createdAt, t.id),
    index('grants_status').on(t.state, t.createdAt, t.id),
    index('grants_username').on(sql`lower(${t.signedInAs})`, t.createdAt, t.id),
    index('grants_customer').on(t.customer, t.createdAt, t.id),
    index('grants_account').on(t.tenantId, t.objectId),
    // Finds the grants of another app than that of new settings.
    index('grants_app').on(t.clientId, t.cloud).where(sql`state <> 'reconnect_required'`),
    index('grants_unsaved').on(t.expiresAt).where(sql`saved_at IS NULL`),
    // Queries of the maintenance: the longest idle grants.
    index('grants_idle').on(t.state, t.refreshedAt).where(sql`saved_at IS NOT NULL`),
    index('grants_refresh_token_label').on(t.refreshTokenLabel),
    index('grants_previous_refresh_token_label').on(t.previousRefreshTokenLabel),
    // Partial, so that a refresh, which sets the column to null, does not write to the index.
    index('grants_claims_challenge_label')
      .on(t.claimsChallengeLabel)
      .where(sql`claims_challenge_label IS NOT NULL`),
  ],
)

/** Access tokens of grants, one row per resource. Each has a consent, a state and a problem of its own. */
export const grantTokens = sqliteTable(
  'grant_tokens',
  {
    grantId: text('grant_id').notNull(),
    resource: text().$type<Resource>().notNull(),
    /** Protocols that are granted at this resource. */
    protocols: words().$type<Protocol[]>().notNull(),
    /** Names of the token's permissions that Mailgrant never asks for. */
    wider: words().notNull().default(sql`''`),
    state: text().$type<Exclude<GrantStatus, 'unsaved'>>().notNull().default('active'),
    accessTokenSealed: text('access_token_sealed'),
    accessTokenLabel: keyLabel('access_token_sealed'),
    accessTokenExpiresAt: time('access_token_expires_at'),
    /** Time of issue of the stored access token. */
    refreshedAt: time('issued_at'),
    ...lastFailure,
  },
  (t) => [
    primaryKey({ columns: [t.grantId, t.resource] }),
    // Tokens that the maintenance retries.
    index('grant_tokens_due').on(t.state, t.retryAt).where(sql`retry_at IS NOT NULL`),
    index('grant_tokens_access_token_label').on(t.accessTokenLabel),
  ],
)

export const mailAccounts = sqliteTable(
  'mail_accounts',
  {
    id: text().primaryKey(),
    /** The customer of its grant, if it has one, kept by triggers. Null without a customer. */
    customer: text(),
    name: text(),
    ownerType: text('owner_type').notNull(),
    ownerId: text('owner_id'),
    protocol: text().$type<Protocol>().notNull(),
    host: text().notNull(),
    port: integer().notNull(),
    security: text().$type<Security>().notNull(),
    username: text().notNull(),
    delegate: text(),
    from: text('sender'),
    authentication: text().$type<'oauth' | 'app_only' | 'password'>().notNull(),
    /** Set for `oauth`; null after the grant was detached. */
    grantId: text('grant_id'),
    /** Resource whose access token the protocol needs. Computed, never stored. */
    resource: text()
      .$type<Resource>()
      .generatedAlwaysAs(sql`iif(protocol IN ('imap', 'smtp'), 'outlook', 'graph')`, {
        mode: 'virtual',
      }),
    /**
     * Permission of a work account that the protocol needs for other people's mailboxes. Empty for the person's own
     * mailbox. Computed, never stored.
     */
    sharedPermission: text('shared_permission').generatedAlwaysAs(
      sql`iif(protocol = 'graph_send' AND lower(delegate) <> lower(username), 'Mail.Send.Shared', '')`,
      { mode: 'virtual' },
    ),
    /**
     * State of the grant's token for this account, null without a grant. Only triggers write it, so that accounts can
     * be found by it.
     */
    grantState: text('grant_state').$type<Exclude<GrantStatus, 'unsaved'>>(),
    /** Set for `app_only`: the organisation whose mailboxes the app may open. */
    tenant: text(),
    passwordSealed: text('password_sealed'),
    passwordLabel: keyLabel('password_sealed'),
    lastValidationId: text('last_validation_id'),
    lastValidationOutcome: text('last_validation_outcome').$type<Outcome>(),
    lastValidationAt: time('last_validation_at'),
    /**
     * `last_validation_at`, but 0 without one, since null would make the row values of comparisons unknown. Computed,
     * never stored.
     */
    validatedAt: integer('validated_at').generatedAlwaysAs(sql`coalesce(last_validation_at, 0)`, {
      mode: 'virtual',
    }),
    /** Last run of the schedule that considered this account; 0 if none. */
    scheduledAt: integer('scheduled_at').notNull().default(0),
    /** The ETag: counts changes to the fields that a PUT sets. */
    version: integer().notNull().default(1),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (t) => [
    // Lists, one for each filter, as for grants. Columns after the id are what further filters compare, since a
    // statement that finds no row reads an index from end to end, and the table only for rows that it returns.
    index('mail_accounts_created').on(t.createdAt, t.id),
    // Also for searches, and for an owner's second account of a mailbox, even if most accounts have one owner. A page of
    // mailboxes reads only this index until it is full, whatever its filter.
    index('mail_accounts_username').on(
      sql`lower(${t.username})`,
      t.customer,
      t.protocol,
      t.ownerType,
      t.ownerId,
      t.createdAt,
      t.id,
      sql`lower(${t.delegate})`,
      sql`lower(${t.name})`,
      t.authentication,
      t.grantState,
      t.lastValidationOutcome,
      t.tenant,
    ),
    index('mail_accounts_direction').on(
      sql`CASE ${t.protocol} WHEN 'imap' THEN 'read' ELSE 'send' END`,
      t.createdAt,
      t.id,
      t.protocol,
    ),
    index('mail_accounts_owner_type').on(t.ownerType, t.createdAt, t.id, t.protocol),
    // In the order of owners, which are counted, with what a search reads.
    index('mail_accounts_owner').on(
      t.ownerType,
      t.ownerId,
      t.createdAt,
      t.id,
      t.protocol,
      sql`lower(${t.username})`,
      sql`lower(${t.delegate})`,
      sql`lower(${t.name})`,
    ),
    // In the order of the last validation; the order of mailboxes has the index of their filter.
    index('mail_accounts_validated').on(
      t.validatedAt,
      t.createdAt,
      t.id,
      t.protocol,
      t.ownerType,
      t.ownerId,
    ),
    // The facts that decide the health, by which accounts are counted (api/store/accounts-by-health.ts), with what a
    // search reads.
    index('mail_accounts_health').on(
      t.authentication,
      t.grantState,
      t.lastValidationOutcome,
      t.createdAt,
      t.id,
      t.protocol,
      t.ownerType,
      t.ownerId,
      sql`lower(${t.username})`,
      sql`lower(${t.delegate})`,
      sql`lower(${t.name})`,
    ),
    index('mail_accounts_tenant_health')
      .on(
        t.tenant,
        t.lastValidationOutcome,
        t.createdAt,
        t.id,
        t.protocol,
        t.ownerType,
        t.ownerId,
        sql`lower(${t.username})`,
        sql`lower(${t.delegate})`,
        sql`lower(${t.name})`,
      )
      .where(sql`tenant IS NOT NULL`),
    // A customer's accounts, in the order of a page, with what their health is counted by.
    index('mail_accounts_customer').on(
      t.customer,
      t.createdAt,
      t.id,
      t.authentication,
      t.grantState,
      t.lastValidationOutcome,
      t.tenant,
    ),
    index('mail_accounts_grant').on(t.grantId),
    index('mail_accounts_scheduled').on(t.scheduledAt),
    index('mail_accounts_password_label').on(t.passwordLabel),
  ],
)

export const validations = sqliteTable(
  'validations',
  {
    id: text().primaryKey(),
    /** The customer of its account, kept by a trigger. Null without a customer. */
    customer: text(),
    mailAccountId: text('mail_account_id'),
    /**
     * True if the values were those of the saved account, or were saved with it. Triggers count it in `daily_counts`.
     */
    saved: integer({ mode: 'boolean' }).notNull().default(false),
    grantId: text('grant_id'),
    /** Keyed hash of the tried values, so that a later save of the same values finds this row. */
    fingerprint: text().notNull(),
    outcome: text().$type<Outcome>().notNull(),
    protocol: text().$type<Protocol>().notNull(),
    host: text().notNull(),
    port: integer().notNull(),
    security: text().$type<Security>().notNull(),
    mechanism: text(),
    identity: text().notNull(),
    steps: text({ mode: 'json' }).$type<Step[]>().notNull(),
    failure: text({ mode: 'json' }),
    warnings: text({ mode: 'json' }).$type<string[]>().notNull(),
    /** Circumstances of a login that did not pass. Diagnoses are derived from them when they are read. */
    facts: text('login_facts', { mode: 'json' }),
    durationMs: integer('duration_ms').notNull(),
    checkedAt: time('checked_at').notNull(),
  },
  (t) => [
    index('validations_fingerprint').on(t.fingerprint, t.checkedAt),
    index('validations_checked').on(t.checkedAt),
    index('validations_grant').on(t.grantId, t.checkedAt),
    index('validations_account').on(t.mailAccountId),
    index('validations_customer').on(t.customer).where(sql`customer IS NOT NULL`),
    // The timeline of an account, without reading the rows.
    index('validations_timeline').on(t.mailAccountId, t.checkedAt, t.outcome).where(sql`saved = 1`),
  ],
)

/**
 * Calls of the last day that limits count: test messages, of which a repeated request also finds its first attempt, and
 * requests to the second reader of diagnoses. The content of a message or request is never stored.
 */
export const countedCalls = sqliteTable(
  'counted_calls',
  {
    /** Id of the event that was written with a test message; else random. */
    id: text().primaryKey(),
    /** Address of the sending mailbox in lower case, or `second_reader`. */
    subject: text().notNull(),
    /** Id of the API key or person; for the second reader after its name, since it has a limit of its own. */
    actorId: text('actor_id').notNull(),
    requestedAt: time('requested_at').notNull(),
  },
  (t) => [
    index('counted_calls_subject').on(t.subject, t.requestedAt),
    index('counted_calls_actor').on(t.actorId, t.requestedAt),
    index('counted_calls_requested').on(t.requestedAt),
  ],
)

/** Admin-consent links, reusable until consent succeeds. */
export const adminConsents = sqliteTable(
  'admin_consents',
  {
    id: text().primaryKey(),
    customer: text(),
    stateHash: text('state_hash').notNull(),
    tenant: text().notNull(),
    /** The resource that the link requests. Each resource has its own link. */
    resource: text().$type<Resource>().notNull(),
    authorizationId: text('authorization_id'),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
    succeededAt: time('succeeded_at'),
  },
  (t) => [
    uniqueIndex('admin_consents_state').on(t.stateHash),
    index('admin_consents_expires').on(t.expiresAt),
    index('admin_consents_customer').on(t.customer, t.expiresAt).where(sql`customer IS NOT NULL`),
  ],
)

/** Access tokens of the app itself (client credentials), one row per client, cloud, tenant and resource. */
export const appTokens = sqliteTable('app_tokens', {
  /** `client_id|cloud|tenant|resource`. */
  id: text().primaryKey(),
  clientId: text('client_id').notNull(),
  cloud: text().$type<Cloud>().notNull(),
  tenant: text().notNull(),
  resource: text().$type<Resource>().notNull(),
  state: text()
    .$type<Extract<GrantStatus, 'active' | 'cooling_down' | 'blocked'>>()
    .notNull()
    .default('active'),
  accessTokenSealed: text('access_token_sealed'),
  accessTokenLabel: keyLabel('access_token_sealed'),
  accessTokenExpiresAt: time('access_token_expires_at'),
  /** Time of issue of the stored access token. */
  refreshedAt: time('fetched_at'),
  version: integer().notNull().default(0),
  /** Lease owner that wrote this version: it distinguishes a lost response of D1 from a lost race. */
  writtenBy: text('written_by'),
  leaseOwner: text('lease_owner'),
  leaseExpiresAt: time('lease_expires_at'),
  ...lastFailure,
  /** Same meaning as in `grants`. */
  lastRequestAt: time('last_request_at'),
  lastRequestOutcome: text('last_request_outcome').$type<TokenRequestOutcome>(),
})

const count = (name?: string) => (name ? integer(name) : integer()).notNull().default(0)

/**
 * One row per account and day, and one per day for the whole deployment. Triggers on `validations`, `grants`
 * and `app_tokens` count within the write that they count, and one on `mail_accounts` deletes the rows of a
 * deleted account. The maintenance sets `waited`.
 */
export const dailyCounts = sqliteTable(
  'daily_counts',
  {
    /** Id of an email account, or `all`. */
    subject: text().notNull(),
    /** Days since the Unix epoch, UTC. */
    day: integer().notNull(),
    /** Checks: validations of the saved values. */
    passed: count(),
    failed: count(),
    inconclusive: count(),
    /** 1 if the account waited for a person on this day; in the rows of `all`, how many did. */
    waited: count(),
    /** Token requests to Microsoft; only in the rows of `all`. */
    tokensSucceeded: count('tokens_succeeded'),
    tokensRefused: count('tokens_refused'),
    tokensFailed: count('tokens_failed'),
  },
  (t) => [primaryKey({ columns: [t.subject, t.day] }), index('daily_counts_day').on(t.day)],
)

/**
 * One row per account, API key, client address and day. A row per hour would take ten times the space of everything
 * else about a mailbox. A trigger deletes the rows of a deleted account.
 */
export const tokenUses = sqliteTable(
  'token_uses',
  {
    id: integer().primaryKey(),
    mailAccountId: text('mail_account_id').notNull(),
    /** Days since the Unix epoch, UTC. */
    day: integer().notNull(),
    /** Id of an API key, or `root`. */
    keyId: text('key_id').notNull(),
    /** An IPv4 address, or the network of an IPv6 one. */
    address: text().notNull(),
    firstAt: time('first_at').notNull(),
    lastAt: time('last_at').notNull(),
    count: integer().notNull(),
  },
  (t) => [
    uniqueIndex('token_uses_user').on(t.mailAccountId, t.day, t.keyId, t.address),
    index('token_uses_day').on(t.day),
  ],
)
