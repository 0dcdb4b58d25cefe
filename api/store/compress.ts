/** Gzip of long strings, as base64: D1 stores no value of more than 2 MB. */
import { decodeBase64, encodeBase64 } from '../../schema/base64.ts'

/** Length from which a string is compressed. */
const MIN_LENGTH = 64 * 1024

const PREFIX = 'gzip:'

export async function compress(text: string): Promise<string> {
  if (text.length < MIN_LENGTH) return text
  const gzip = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
  return PREFIX + encodeBase64(new Uint8Array(await new Response(gzip).arrayBuffer()))
}

/** Returns the string that compress() was given. It must not begin with `gzip:`. */
export async function decompress(stored: string): Promise<string> {
  if (!stored.startsWith(PREFIX)) return stored
  const bytes = decodeBase64(stored.slice(PREFIX.length))
  return new Response(
    new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')),
  ).text()
}
