/** The Microsoft integration: its switch, its app registration and the app's credentials. */
import type { Credential, WhichCredential } from '../../schema/credential.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { Cloud, Protocol } from '../../schema/mail-servers.ts'

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

/**
 * - `credential_rejected`: Microsoft rejects the credential, or does not know the app.
 * - `issuer_unreachable`: it could not read Mailgrant's keys, so it could not judge the credential.
 * - `app_refused`: it refuses several mailboxes for a fault of the app.
 */
export type AppProblemCode = 'credential_rejected' | 'issuer_unreachable' | 'app_refused'

/** A refusal of the app by Microsoft, not of a single account. */
export type AppProblem = {
  code: AppProblemCode
  since: Date
  /** Time of the last refusal. */
  at: Date
  /** A sentence for the operator. */
  detail: string
  facts: FailureFacts
  /** Tenant that refuses the app: its GUID, or OWN_TENANT; null if the app is refused everywhere. */
  tenant: string | null
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

/** Sentence about settings that are not those with which the credential was sealed, and how to repair them. */
export const SETTINGS_DAMAGED =
  'The stored Microsoft settings are damaged, or something other than Mailgrant has changed them, so Mailgrant does not use them. Compare client ID, cloud and tenants with the app registration, and save them with a credential: the client secret, a new certificate that you upload to Entra, or the federated credential. If you cannot sign in, the root key opens the console.'

/** Stands for the tenants that decide about the app: its home, and the only one that may sign in. */
export const OWN_TENANT = 'own'

/** The request to Microsoft, as far as an app problem depends on it. */
export type Asked = {
  /** GUID of the mailbox's tenant; null for a request without a mailbox. */
  tenant: string | null
  /** True if the tenant decides about the app. */
  isOwn: boolean
  /** True for a mailbox that Microsoft has refused. */
  isFailing: boolean
}

/** The app that sign-ins and token requests trust, and where it is registered and used. */
export type AppRegistration = {
  clientId: string | null
  cloud: Cloud
  tenant: string
  homeTenant: string | null
  /** GUID of the home tenant; null while its domain is not resolved. */
  homeTenantId: string | null
}

export type IntegrationRecord = AppRegistration & {
  active: boolean
  /** Protocols that accounts and sign-ins may use. */
  protocols: Protocol[]
  credential: CredentialFacts | null
  /** The credential that is to replace the current one, or that was replaced by it. */
  nextCredential: CredentialFacts | null
  /**
   * The time until which the replaced credential can be put back. Null for one that was never in use, or was taken out
   * of use again by an undo.
   */
  undoUntil: Date | null
  /**
   * Time of the last successful verification of these settings; null before the first, after a change, and after the
   * app or its credential failed.
   */
  verifiedAt: Date | null
  appProblem: AppProblem | null
  outage: Outage | null
  /** Counts changes that a PUT can make: the ETag. */
  version: number
  /** Random id of this deployment; null until it is first needed. */
  deploymentId: string | null
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
  protocols: readonly Protocol[]
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

export const isForManyTenants = (tenant: string): boolean =>
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

export type SigningKey = {
  /** The `kid`: SHA-256 thumbprint of the public key (RFC 7638). */
  id: string
  /** Modulus and exponent, base64url, as in a JWK. */
  publicKey: { n: string; e: string }
  createdAt: Date
  /** Time from which this key signs, in place of the one before it. */
  signsFrom: Date
  /** Time since which no credential is federated; null while one is. */
  unusedSince: Date | null
}

/** Returns true if the current or the next credential is federated. */
export const usesSigningKeys = ({
  credential,
  nextCredential,
}: Pick<IntegrationRecord, 'credential' | 'nextCredential'>): boolean =>
  credential?.type === 'federated' || nextCredential?.type === 'federated'
