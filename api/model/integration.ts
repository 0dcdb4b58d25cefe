/** The Microsoft integration: its switch, its app registration and the app's credentials. */
import type { WhichCredential } from '../../schema/credential.ts'
import type {
  AppProblem,
  CredentialFacts,
  integrations,
  Outage,
  signingKeys,
} from '../../schema/d1/tables.ts'
import type { Protocol } from '../../schema/mail-servers.ts'

export type { AppProblem, CredentialFacts, Outage }

/** A credential in plaintext. A federated one has no secret, since Mailgrant's signing keys sign for it. */
export type StoredCredential = CredentialFacts &
  (
    | {
        type: 'client_secret' | 'certificate'
        /** Client secret, or private key (PKCS#8, PEM). */
        secret: string
      }
    | { type: 'federated'; secret: null }
  )

/** Sentence about settings that are not those with which the credential was sealed, and how to repair them. */
export const SETTINGS_DAMAGED =
  'The stored Microsoft settings are damaged, or something other than Mailgrant has changed them, so Mailgrant does not use them. Compare client ID, cloud and tenants with the app registration, and save them with a credential: the client secret, a new certificate that you upload to Entra, or the federated credential. If you cannot sign in, the root key opens the console.'

type Row = typeof integrations.$inferSelect

/** The app that sign-ins and token requests trust, and where it is registered and used. */
export type AppRegistration = Pick<
  Row,
  'clientId' | 'cloud' | 'tenant' | 'homeTenant' | 'homeTenantId'
>

export type IntegrationRecord = AppRegistration &
  Pick<
    Row,
    | 'active'
    | 'protocols'
    | 'credential'
    | 'nextCredential'
    | 'undoUntil'
    | 'verifiedAt'
    | 'appProblem'
    | 'outage'
    | 'version'
    | 'deploymentId'
  > & {
    /**
     * Returns true if the credential is intact and was sealed with these facts about it and this app registration. False
     * without a credential, and if anything other than Mailgrant has changed one of them. Throws KeyMissing.
     */
    isIntact: () => Promise<boolean>
  }

/** The settings on which a stored token depends. */
export type AppSettings = Pick<IntegrationRecord, 'active' | 'clientId' | 'cloud'>

/** Settings on which the form of an account depends. */
export type FormSettings = AppSettings & Pick<IntegrationRecord, 'protocols'>

/** A key that signs for a federated credential, with its private key (PKCS#8, PEM). */
export type Signer = {
  id: string
  /** Time from which this key signs, in place of the one before it. */
  signsFrom: Date
  /** Returns null if the private key is damaged. Throws KeyMissing. */
  openPrivateKey: () => Promise<string | null>
}

/** All from one read, so that Entra's response to a credential concerns these settings. */
export type IntegrationWithCredentials = {
  integration: IntegrationRecord
  /**
   * Returns the credential in plaintext. Null if none is stored, or if it is damaged or does not match the facts in its
   * row. Throws KeyMissing.
   */
  openCredential: (which: WhichCredential) => Promise<StoredCredential | null>
  /** Keys for a federated credential, in the order in which they sign; empty without one. */
  signers: readonly Signer[]
}

export type IntegrationChange = AppRegistration & {
  clientId: string
  protocols: Protocol[]
  /** The current credential from then on. */
  credential: StoredCredential
  /** True if a verification before the change still holds. */
  keepsVerification: boolean
  /** `all` for a new credential, `expiry` for a new date of expiry only. */
  newInCredential: 'all' | 'expiry' | null
  /** True when the next credential belongs to another client. */
  dropNext: boolean
  /** True to refuse the change while a grant of another client or cloud is in use. */
  keepGrants: boolean
}

const isForManyTenants = (tenant: string): boolean =>
  tenant === 'common' || tenant === 'organizations'

type Tenants = Pick<IntegrationRecord, 'tenant' | 'homeTenant' | 'homeTenantId'>

/** Returns true if this tenant's response concerns the app everywhere, not only in the tenant. */
export const speaksForApp = (asked: string, { tenant, homeTenant, homeTenantId }: Tenants) =>
  // A request to `common` or `organizations` does not show which tenant has responded.
  !isForManyTenants(asked) && [tenant, homeTenant, homeTenantId].includes(asked)

/**
 * Returns true if the tenant of a grant decides about the app. The settings may contain the only tenant as a domain.
 */
export const isOwnTenant = (tenantId: string, tenants: Tenants): boolean =>
  speaksForApp(isForManyTenants(tenants.tenant) ? tenantId : tenants.tenant, tenants)

export type SigningKey = Omit<
  typeof signingKeys.$inferSelect,
  'privateKeySealed' | 'privateKeyLabel'
>

/** Returns true if the current or the next credential is federated. */
export const usesSigningKeys = ({
  credential,
  nextCredential,
}: Pick<IntegrationRecord, 'credential' | 'nextCredential'>): boolean =>
  credential?.type === 'federated' || nextCredential?.type === 'federated'
