/** Files that an operator edits. */
import { readFileSync } from 'node:fs'

/**
 * Reads a file in UTF-8, or in the UTF-16 that PowerShell and old editors write on Windows, without its byte order
 * mark.
 */
export function readTextFile(path: string): string {
  const bytes = readFileSync(path)
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}
