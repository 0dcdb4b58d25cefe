/**
 * Credentials with which the app authenticates to Entra: a client secret, a certificate, or Mailgrant's own signed
 * tokens.
 */
import { z } from 'zod'
import { integer, object, strictObject, Time, text } from './common.ts'

const Secret = z.literal('client_secret').meta({ description: 'A client secret created in Entra.' })
const Certificate = z.literal('certificate').meta({
  description: 'A private key that Mailgrant generates, whose certificate you upload to Entra.',
})

const Federated = z.literal('federated').meta({
  description: 'No secret: Entra trusts the assertions that Mailgrant signs as an OpenID issuer.',
})

/** The three values to enter at Entra exactly as they are. */
export const federatedValues = {
  issuer: text(
    'Issuer to enter at Entra: `PUBLIC_URL`, without a slash at its end.',
    'https://mail.example.com',
  ),
  subject: text(
    'Subject identifier to enter at Entra. Constant for this deployment.',
    'mailgrant:dp_mwiq4wgd7u5x2l3k7777777777',
  ),
  audience: text(
    'Audience to enter at Entra. Each Microsoft cloud has its own.',
    'api://AzureADTokenExchange',
  ),
}

const FederatedInput = strictObject('FederatedCredentialInput', { type: Federated })

const ClientSecretInput = strictObject('ClientSecretCredentialInput', {
  type: Secret,
  client_secret: z.string().trim().min(1).max(1000).meta({
    description: "The secret's *value*, not its ID. Write-only.",
    example: 'abc8Q~the-value-that-entra-shows-once',
  }),
  expires_at: Time.optional().meta({
    description: 'Expiry as shown by Entra. Mailgrant warns you before it is reached.',
    example: '2028-11-24T00:00:00.000Z',
  }),
})

/** Days for which a certificate that Mailgrant generates is valid, unless the input says otherwise. */
export const CERTIFICATE_LIFETIME_DAYS = 180

const CertificateInput = strictObject('CertificateCredentialInput', {
  type: Certificate,
  lifetime_days: z.int().min(7).max(730).optional().meta({
    description:
      'Days for which the certificate is valid. Default: 180. A policy of the organisation may allow fewer.',
    example: 90,
  }),
})

export const CredentialInput = z
  .discriminatedUnion('type', [ClientSecretInput, CertificateInput, FederatedInput])
  .meta({
    id: 'CredentialInput',
    description:
      'Type `federated` needs no secret, but a `PUBLIC_URL` with https on a public name. With type `certificate`, Mailgrant generates a key and its certificate. The key never leaves Mailgrant. Upload the certificate from the response to Entra.',
  })
export type CredentialInput = z.infer<typeof CredentialInput>

export const Credential = z
  .discriminatedUnion('type', [
    object('ClientSecretCredential', {
      type: Secret,
      hint: text('First three characters of the secret, as shown by Entra.', 'abc'),
      expires_at: Time.nullable(),
    }),
    object('CertificateCredential', {
      type: Certificate,
      thumbprint_sha256: text(
        'SHA-256 thumbprint of the certificate, base64url-encoded.',
        'YQ7vWkkAd6dHrrvVWhR4Z6Jd0pW3xuGBkUYLbQG8z7I',
      ),
      certificate: text('Public certificate in PEM, to upload to Entra.'),
      expires_at: Time,
      lifetime_days: integer('Days from the beginning of its validity to its expiry.', 180),
      upload: z
        .object({
          azure_cli: text('For the Azure CLI.'),
          powershell: text('For PowerShell with Microsoft.Graph.'),
        })
        .nullable()
        .meta({
          description:
            'Commands that add the certificate to the app registration and keep the existing certificates. Null until a client ID is saved.',
        }),
    }),
    object('FederatedCredential', {
      type: Federated,
      ...federatedValues,
      expires_at: z.null().meta({ description: 'Always null: it does not expire.' }),
    }),
  ])
  .meta({
    id: 'Credential',
    description: 'A credential of the app, without its secret or private key.',
  })
export type Credential = z.infer<typeof Credential>

/** Returns true if this is exactly what `GET` shows of a credential. */
function isShown(value: unknown): boolean {
  const { data } = Credential.safeParse(value)
  return data !== undefined && Object.keys(data).length === Object.keys(value as object).length
}

/** A new credential, or undefined if the input is what `GET` shows, so that the stored one is kept. */
export const CredentialOrShown = z.preprocess(
  (value) => (isShown(value) ? undefined : value),
  CredentialInput.optional(),
)

export const WhichCredential = z.enum(['current', 'next'])
export type WhichCredential = z.infer<typeof WhichCredential>
