/** How the app proves itself at Entra: by a client secret or by a certificate. */
import { z } from 'zod'
import { Time } from './common.ts'

const Pem = z.string().trim().max(20_000)

const Secret = z.literal('client_secret').meta({ description: 'A secret that Entra made.' })
const Certificate = z.literal('certificate').meta({ description: 'A key of our own.' })

const ClientSecretInput = z.strictObject({
  type: Secret,
  client_secret: z.string().trim().min(1).max(1000).meta({
    description: "The secret's *value*, not its ID. Write-only.",
    example: 'abc8Q~the-value-that-entra-shows-once',
  }),
  expires_at: Time.optional().meta({
    description: 'As Entra shows it. You are warned before.',
    example: '2028-11-24T00:00:00.000Z',
  }),
})

const CertificateInput = z
  .strictObject({
    type: Certificate,
    private_key: Pem.optional().meta({
      description: 'PKCS#8 in PEM, RSA of 2048 bits or more, not encrypted. Write-only.',
    }),
    certificate: Pem.optional().meta({
      description: 'The X.509 certificate in PEM, as it is uploaded at Entra.',
    }),
  })
  .refine((input) => (input.private_key === undefined) === (input.certificate === undefined), {
    error: 'send both private_key and certificate, or neither to have them made',
  })

export const CredentialInput = z
  .discriminatedUnion('type', [ClientSecretInput, CertificateInput])
  .meta({
    id: 'CredentialInput',
    description:
      'A certificate without key and certificate is made here: the key never leaves, the certificate in the answer is to be uploaded at Entra.',
  })
export type CredentialInput = z.infer<typeof CredentialInput>

export const Credential = z
  .discriminatedUnion('type', [
    z.object({
      type: Secret,
      hint: z.string().meta({
        description: 'The first three characters, as Entra shows them.',
        example: 'abc',
      }),
      expires_at: Time.nullable(),
    }),
    z.object({
      type: Certificate,
      thumbprint_sha256: z.string().meta({
        description: 'SHA-256 of the certificate, base64url.',
        example: 'YQ7vWkkAd6dHrrvVWhR4Z6Jd0pW3xuGBkUYLbQG8z7I',
      }),
      certificate: z.string().meta({ description: 'The public certificate in PEM, for Entra.' }),
      expires_at: Time,
    }),
  ])
  .meta({ id: 'Credential', description: 'Never the secret or the private key itself.' })
export type Credential = z.infer<typeof Credential>

export const WhichCredential = z.enum(['current', 'next'])
export type WhichCredential = z.infer<typeof WhichCredential>
