/** Strong ETags (RFC 9110 section 8.8.3): the version of what a PUT can set. */
import { z } from 'zod'

export const etag = (version: number) => `"${version}"`

const Tag = z.string().meta({
  description:
    'The ETag of the version you are changing, or `*` for any. Returns 412 if the resource has changed since.',
  example: '"3"',
})

export const IfMatch = z.object({ 'if-match': Tag.optional() })
export type IfMatch = z.infer<typeof IfMatch>

/** The header of changes that must not be lost in a race. Without it, the response is 428 (RFC 6585 section 3). */
export const RequiredIfMatch = z.object({ 'if-match': Tag })

/** Returns the version the caller requires: null for any, -1 for a tag that cannot match. */
export function ifMatchVersion(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1]
  return version === undefined ? -1 : Number(version)
}

/** Returns whether If-None-Match has the tag: a list, in which weak tags count (RFC 9110 section 13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  return tags.includes(tag) || tags.includes('*')
}

export const etagHeader = z.object({
  etag: z.string().meta({ description: 'Version of the fields that a PUT sets.', example: '"3"' }),
})
