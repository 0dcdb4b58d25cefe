import { encodeBase64Url } from '../../schema/base64.ts'

/** Returns the encodings in which a secret could leak: plain, Base64, percent-encoded and hexadecimal. */
export const encodingsOf = (secret: string): string[] => [
  secret,
  btoa(secret).replace(/=+$/, ''),
  encodeBase64Url(secret),
  encodeURIComponent(secret),
  Array.from(new TextEncoder().encode(secret), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  ),
]
