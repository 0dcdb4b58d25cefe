/**
 * Looks for pieces of a secret in a text, in each encoding in which a server may quote it. Slow and simple
 * on purpose: it judges the checker's own search.
 */

/** Length from which a piece of a secret is a leak. */
export const LEAK_LENGTH = 16

const escapes: ((character: string) => string)[] = [
  (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
]

/** Ways to quote a secret. `anyCase`: upper and lower case mean the same. */
export const QUOTINGS: { name: string; anyCase?: true; quote: (secret: string) => string }[] = [
  { name: 'raw', quote: (secret) => secret },
  ...[0, 1, 2].flatMap((shift) =>
    (['base64', 'base64url'] as const).map((encoding) => ({
      name: `${encoding} behind ${shift} bytes`,
      quote: (secret: string) =>
        Buffer.from('x'.repeat(shift) + secret)
          .toString(encoding)
          .slice(shift === 0 ? 0 : shift + 1)
          .replace(/=+$/, ''),
    })),
  ),
  {
    name: 'hex',
    anyCase: true,
    quote: (secret) => Buffer.from(secret).toString('hex'),
  },
  { name: 'percent', quote: encodeURIComponent },
  { name: 'JSON', quote: (secret) => JSON.stringify(secret).slice(1, -1) },
]

/** Ways to write every character as an escape. */
export const ESCAPES = escapes.map(
  (toEscape) => (secret: string) => Array.from(secret, toEscape).join(''),
)

/** Returns a search for leaks, ignoring case: pieces of LEAK_LENGTH characters of the secret. */
export function leakFinder(secret: string): (text: string) => string[] {
  const forms = QUOTINGS.map(({ quote }) => quote(secret).toLowerCase())
  const sought = [new Set(forms.flatMap((form) => piecesOf(form, LEAK_LENGTH)))]
  for (const quote of ESCAPES) {
    sought.push(new Set(piecesOf(secret, LEAK_LENGTH).map((piece) => quote(piece).toLowerCase())))
  }
  return (text) =>
    sought.flatMap((pieces) => {
      const [first = ''] = pieces
      return piecesOf(text.toLowerCase(), first.length).filter((piece) => pieces.has(piece))
    })
}

const piecesOf = (text: string, length: number): string[] =>
  Array.from({ length: length === 0 ? 0 : Math.max(0, text.length - length + 1) }, (_, at) =>
    text.slice(at, at + length),
  )
