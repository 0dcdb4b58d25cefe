/** The app's credential: parsing the input of an admin, and client authentication with it. */
import { base64OfPem } from '../../../schema/base64.ts'
import {
  CERTIFICATE_LIFETIME_DAYS,
  type Credential,
  type CredentialInput,
  type WhichCredential,
} from '../../../schema/credential.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../schema/durations.ts'
import { isGuid } from '../../../schema/integration.ts'
import { makeCertificate } from '../../entra/certificate.ts'
import { type ClientAuth, type ClientCredential, clientAuth } from '../../entra/client-auth.ts'
import type { FederatedIdentity } from '../../entra/federated.ts'
import {
  type CredentialFacts,
  type IntegrationRecord,
  type IntegrationWithCredentials,
  SETTINGS_DAMAGED,
  type StoredCredential,
} from '../../model/integration.ts'
import { err, invalid, ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'
import { isIssuerPublic, issuerChanged, readFederatedIdentity } from './federated.ts'
import { bashQuote, powershellQuote } from './setup/scripts.ts'

/** Time before now at which a new certificate begins, for verifiers whose clock is slow. */
const BACKDATING_MS = HOUR_MS

const NEXT_DAMAGED =
  'The next credential is damaged and cannot be decrypted. Enter it again in the settings of the integration.'

const SIGNING_KEY_DAMAGED =
  'The key that signs for the federated credential is missing or damaged. Save the federated credential again to make a new one.'

/** The app's credential as requests to Entra use it. */
export type AppCredential = {
  type: Credential['type']
  /** Client authentication (RFC 6749 section 2.3) of the client ID in the same settings. */
  auth: ClientAuth
}

/** `refusal`: a sentence that explains why there is no usable credential. */
type LoadedCredential = { integration: IntegrationRecord } & (
  | { credential: AppCredential; refusal: null }
  | { credential: null; refusal: string }
)

/** Decrypts one of the credentials. Refuses both if the settings are damaged. Throws KeyMissing. */
export async function openAppCredential(
  services: Services,
  settings: IntegrationWithCredentials,
  which: WhichCredential,
): Promise<LoadedCredential> {
  const { integration } = settings
  const { clientId } = integration
  const refuse = (refusal: string) => ({ integration, credential: null, refusal })
  const facts = which === 'next' ? integration.nextCredential : integration.credential
  if (facts === null || clientId === null) return refuse('No client credential is stored.')
  const current = await settings.openCredential('current')
  if (current === null) return refuse(SETTINGS_DAMAGED)
  const stored = which === 'next' ? await settings.openCredential(which) : current
  if (stored === null) return refuse(NEXT_DAMAGED)
  const opened = await openCredential(services, settings, stored)
  if (typeof opened === 'string') return refuse(opened)
  const { type } = opened
  const auth = clientAuth(clientId, opened, services.random)
  return { integration, credential: { type, auth }, refusal: null }
}

/** Returns the client authentication, or a sentence that explains why there is none. */
async function openCredential(
  services: Services,
  { integration, signers }: IntegrationWithCredentials,
  { type, secret, hint }: StoredCredential,
): Promise<ClientCredential | string> {
  if (type === 'client_secret') return { type, secret }
  if (type === 'certificate') return { type, privateKey: secret, thumbprint: hint }
  const { publicUrl } = services.settings
  if (hint !== publicUrl) return issuerChanged(hint, publicUrl)
  const now = services.now()
  const signer = signers.findLast(({ signsFrom }) => signsFrom <= now)
  const privateKey = (await signer?.openPrivateKey()) ?? null
  if (!signer || privateKey === null) return SIGNING_KEY_DAMAGED
  const identity = await readFederatedIdentity(services, integration)
  return { type, privateKey, keyId: signer.id, identity }
}

/** Parses a credential for storage, or generates the certificate. `pointer`: its place in the request body. */
export async function parseCredential(
  services: Services,
  input: CredentialInput,
  pointer: string,
): Promise<Result<StoredCredential>> {
  if (input.type === 'certificate') {
    return ok(await generateCertificate(services, input.lifetime_days ?? CERTIFICATE_LIFETIME_DAYS))
  }
  if (input.type === 'federated') return parseFederated(services, pointer)
  const { client_secret: secret } = input
  // Some tools copy GUIDs with braces.
  if (isGuid(secret.replace(/^\{(.*)\}$/, '$1'))) {
    return err({ reason: 'client_secret_is_an_id', pointer: `${pointer}/client_secret` })
  }
  const expiresAt = input.expires_at === undefined ? null : new Date(input.expires_at)
  if (expiresAt && expiresAt <= services.now()) {
    return invalid(`${pointer}/expires_at`, { issue: 'secret_expired' })
  }
  return ok({
    type: 'client_secret',
    secret,
    hint: hintOf(secret),
    certificate: null,
    expiresAt,
    lifetimeDays: null,
  })
}

/** Returns the credential of this deployment as the issuer. */
function parseFederated({ settings }: Services, pointer: string): Result<StoredCredential> {
  if (!isIssuerPublic(settings)) {
    const { publicUrl } = settings
    return err({ reason: 'issuer_not_public', publicUrl, pointer: `${pointer}/type` })
  }
  return ok({
    type: 'federated',
    secret: null,
    hint: settings.publicUrl,
    certificate: null,
    expiresAt: null,
    lifetimeDays: null,
  })
}

/** Returns the first three characters, which identify a secret in Entra's list too. */
const hintOf = (secret: string) => (secret.length > 12 ? secret.slice(0, 3) : '')

/** Generates a key and its certificate. `lifetimeDays`: its whole lifetime, which Entra's policies limit. */
async function generateCertificate(
  { settings, now, random }: Pick<Services, 'settings' | 'now' | 'random'>,
  lifetimeDays: number,
): Promise<StoredCredential> {
  // A certificate contains whole seconds.
  const from = new Date(Math.floor((now().getTime() - BACKDATING_MS) / SECOND_MS) * SECOND_MS)
  const expiresAt = new Date(from.getTime() + lifetimeDays * DAY_MS)
  const { privateKey, certificate, thumbprint } = await makeCertificate({
    commonName: new URL(settings.publicUrl).hostname,
    from,
    until: expiresAt,
    serial: random(16),
  })
  return {
    type: 'certificate',
    secret: privateKey,
    hint: thumbprint,
    certificate,
    expiresAt,
    lifetimeDays,
  }
}

/**
 * Returns the credential as the API shows it. `identity`: that of this deployment, whose issuer a federated credential
 * might not have any more. `clientId`: of the app to which a certificate is uploaded.
 */
export function credentialView(
  credential: CredentialFacts | null,
  identity: FederatedIdentity,
  clientId: string | null,
): Credential | null {
  if (!credential) return null
  const { type, hint, certificate, expiresAt } = credential
  switch (type) {
    case 'client_secret':
      return { type, hint, expires_at: expiresAt?.toISOString() ?? null }
    case 'certificate':
      return {
        type,
        thumbprint_sha256: hint,
        certificate: certificate ?? '',
        expires_at: (expiresAt ?? new Date(0)).toISOString(),
        lifetime_days: credential.lifetimeDays ?? 0,
        upload:
          clientId === null || certificate === null ? null : uploadCommands(clientId, certificate),
      }
    case 'federated':
      return { type, ...identity, issuer: hint, expires_at: null }
  }
}

// Commands that add a certificate to the app registration and keep the existing ones. Pure.

/** Returns the certificate's name at Entra, the same as in the scripts. It ends with the end of the signature. */
const nameOf = (base64: string) => `mailgrant-${base64.slice(-12)}`

function uploadCommands(clientId: string, pem: string) {
  const base64 = base64OfPem(pem)
  return {
    // The Azure CLI caps the end date at that of the certificate.
    azure_cli: `az ad app credential reset --append --id ${clientId} --display-name ${bashQuote(nameOf(base64))} --end-date 2099-12-31 --output none --cert ${bashQuote(base64)}`,
    powershell: `$app = Get-MgApplication -Filter "appId eq '${clientId}'"
$key = @{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; DisplayName = ${powershellQuote(nameOf(base64))}; Key = [Convert]::FromBase64String(${powershellQuote(base64)}) }
Update-MgApplication -ApplicationId $app.Id -KeyCredentials (@($app.KeyCredentials | Where-Object { $_ }) + $key)`,
  }
}

/** Days before the expiry at which to warn, farthest first. 0 is the expiry itself. */
const WARNINGS = [30, 7, 1, 0] as const

/** Fraction of a certificate's lifetime, at its end, in which to warn of its expiry. */
const WARNING_PART = 1 / 6

type Expiring = Pick<CredentialFacts, 'lifetimeDays'>

/**
 * Returns the days before the expiry at which to warn, nearest first. The first warning of a certificate is
 * not before the last sixth of its lifetime: 30 days ahead for one of 180 days, 1 day for one of 7.
 */
export function warningDays({ lifetimeDays }: Expiring): number[] {
  const first =
    lifetimeDays === null
      ? WARNINGS[0]
      : Math.max(1, Math.min(WARNINGS[0], Math.floor(lifetimeDays * WARNING_PART)))
  return [...WARNINGS.filter((days) => days < first), first].toSorted((a, b) => a - b)
}

/** Returns true once the credential expires so soon that admins are warned. */
export const expiresSoon = (
  credential: Expiring & Pick<CredentialFacts, 'expiresAt'>,
  now: Date,
): boolean =>
  credential.expiresAt !== null &&
  credential.expiresAt.getTime() - now.getTime() < (warningDays(credential).at(-1) ?? 0) * DAY_MS
