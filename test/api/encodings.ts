/** Returns the encodings in which a secret could leak: plain, Base64, percent-encoded and hexadecimal. */
export const encodingsOf = (secret: string): string[] => [
  secret,
  btoa(secret).replace(/=+$/, ''),
  encodeURIComponent(secret),
  Array.from(new TextEncoder().encode(secret), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  ),
]
