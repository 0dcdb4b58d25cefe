/**
 * The ways in which the app can prove its identity, and what the scripts say when a policy of the
 * organisation refuses one. Pure.
 */
import { base64OfPem } from '../../../schema/base64.ts'
import type { FederatedIdentity } from '../../entra/federated.ts'
import type { CredentialFacts } from '../../model/integration.ts'

/** Ways that the scripts offer, the best first: the first two leave no secret to copy or renew by hand. */
export const CREDENTIAL_KINDS = ['federated', 'certificate', 'secret'] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

/** Facts from which scripts and guide choose the credential. */
export type CredentialChoice = {
  /** Null if Entra cannot reach Mailgrant, which it must to read the public keys. */
  federation: FederatedIdentity | null
  /** Certificate that Mailgrant holds the private key of, base64 of its DER; null if there is none. */
  certificate: string | null
  /** The way that is taken unless another is asked for. */
  preferred: CredentialKind
  /** A sentence for people: why this one. */
  reason: string
}

type Stored = Pick<CredentialFacts, 'certificate'> | null

/** Chooses the best way that works here. A next credential is the one that Entra does not have yet. */
export function chooseCredential(
  federation: FederatedIdentity | null,
  { credential, nextCredential }: { credential: Stored; nextCredential: Stored },
): CredentialChoice {
  const pem = nextCredential?.certificate ?? credential?.certificate ?? null
  const certificate = pem && base64OfPem(pem)
  const needsPublic =
    'A federated credential needs a PUBLIC_URL with https that the internet can reach'
  if (federation !== null) {
    return {
      federation,
      certificate,
      preferred: 'federated',
      reason: 'There is no secret to copy, and nothing expires.',
    }
  }
  return certificate === null
    ? {
        federation,
        certificate,
        preferred: 'secret',
        reason: `${needsPublic}, and Mailgrant has not generated a certificate yet.`,
      }
    : {
        federation,
        certificate,
        preferred: 'certificate',
        reason: `${needsPublic}, and Mailgrant has generated a certificate.`,
      }
}

/** Warning for personal accounts: Microsoft's pages name no restriction, and give no example either. */
export const PERSONAL_UNTRIED =
  'Microsoft does not say whether it accepts one for personal accounts: sign in with such an account before you rely on it.'

/** Returns what a script says after it has added a federated credential. */
export const afterFederated = ({ audience }: { audience: string }): string =>
  [
    'Entra can take a few minutes until it accepts a new federated credential.',
    ...(audience.includes('Personal') ? [PERSONAL_UNTRIED] : []),
  ].join(' ')

const POLICY = 'An app management policy of your organisation'

/** A refusal by a policy: what Entra says, as a pattern that grep -E and PowerShell share, and what it means. */
type Refusal = { pattern: string; because: string }

/** Any refusal by an app management policy. */
const BY_POLICY = 'as per assigned policy|AsPerAppPolicy'

/**
 * Returns how a policy refuses this kind. The Azure CLI shows the message of Microsoft Graph, the Graph
 * module also its code: CredentialTypeNotAllowedAsPerAppPolicy, CredentialInvalidLifetimeAsPerAppPolicy
 * (https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy). `fewerDays`:
 * option of the script for a shorter lifetime.
 */
export function refusalsOf(kind: CredentialKind, fewerDays: string): Refusal[] {
  if (kind === 'federated') {
    return [
      {
        pattern: BY_POLICY,
        because: `${POLICY} does not allow federated credentials of this issuer.`,
      },
    ]
  }
  const [plural, shorter] = {
    certificate: [
      'certificates',
      'Have Mailgrant generate one with fewer days in the Microsoft settings (lifetime_days) and take this script from the setup guide again, or give a PEM file with one.',
    ],
    secret: ['client secrets', `Run this script again with fewer days, for example ${fewerDays}.`],
  }[kind]
  return [
    {
      pattern: 'Credential type not allowed|CredentialTypeNotAllowed',
      because: `${POLICY} does not allow ${plural}.`,
    },
    {
      pattern: 'Credential lifetime exceeds|CredentialInvalidLifetime',
      because: `${POLICY} allows ${plural} only for a shorter time. ${shorter}`,
    },
    { pattern: BY_POLICY, because: `${POLICY} does not allow this credential.` },
  ]
}

/**
 * Refusal of an app that other organisations may use (SignInAudienceNotAllowedAsPerAppPolicy). No app has
 * been created then.
 */
export const AUDIENCE_REFUSED: Refusal = {
  pattern: 'SignInAudience.*not allowed|SignInAudienceNotAllowed',
  because: `${POLICY} does not allow apps for accounts of other organisations. Enter your own directory as the tenant in the Microsoft settings, and take this script from the setup guide again: it then registers the app for your directory only.`,
}

export const WHO_CHANGES_POLICY =
  'A Security Administrator can change the policy or exempt this app: Entra admin center > Enterprise apps > Application policies.'

/** Returns how to go on after this kind was refused: options of the script, and what they mean. */
export function otherWays(
  refused: CredentialKind,
  { federation, certificate }: CredentialChoice,
  option: (kind: CredentialKind) => string,
): string[] {
  const meaning: Record<CredentialKind, string> = {
    federated: 'no secret, and nothing that expires',
    certificate:
      certificate === null
        ? 'first have Mailgrant generate a certificate, and take this script from the setup guide again'
        : 'uploads the certificate that Mailgrant has generated',
    secret: 'a text to copy, which expires after that time',
  }
  return CREDENTIAL_KINDS.filter(
    (kind) => kind !== refused && (kind !== 'federated' || federation !== null),
  ).map((kind) => `${option(kind)}: ${meaning[kind]}`)
}
