/** Strong ETags (RFC 9110 section 8.8.3): the version of what a PUT can set. */
import { z } from 'zod'

export const etag = (version: number) => `"${version}"`

export const IfMatch = z.object({
  'if-match': z.string().optional().meta({
    description:
      'The ETag that the change was made from: 412 when it was changed meanwhile. One strong tag, or `*` for any; lists and weak tags match nothing.',
    example: '"3"',
  }),
})

/** The version that the caller saw: null without a condition, -1 for what can match nothing. */
export function ifMatchVersion(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1]
  return version === undefined ? -1 : Number(version)
}

export const etagHeader = z.object({
  etag: z.string().meta({ description: 'Version of what a PUT can set.', example: '"3"' }),
})
