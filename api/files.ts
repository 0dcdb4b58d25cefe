/**
 * The files for browsers, prepared for sending. Each is read, compressed and hashed once in a process or isolate, since
 * anyone can ask for them, and the document of the API has 500 kB.
 */
import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { EXAMPLE_URL } from './paths.ts'

/** Content codings in which each file is kept (RFC 9110 section 8.4.1). */
export type Encoding = 'gzip' | 'identity'

/** A file's bytes in each coding, with strong tags: equal tags mean equal bytes (RFC 9110 section 8.8.3). */
type PreparedFile = Record<Encoding, { body: Uint8Array<ArrayBuffer>; etag: string }> & {
  type: string
}

/** Limits the memory if one file is available at several paths. There are fewer than 200 files. */
const MAX_FILES = 500

const compress = promisify(gzip)

export type Files = (path: string, kind?: 'example') => Promise<PreparedFile | null>

/**
 * Returns a function that returns the file at a path, or null if it is missing. Files of the kind `example` have the address of this
 * deployment in place of the example's.
 */
export function createFiles(
  assets: (request: Request) => Promise<Response>,
  publicUrl: string,
): Files {
  const prepared = new Map<string, PreparedFile>()
  return async (path, kind) => {
    const known = prepared.get(path)
    if (known) return known
    const url = new URL(path, publicUrl)
    // Another spelling of a path, as with a backslash, would be another entry for the same file.
    if (url.pathname !== path) return null
    const response = await assets(new Request(url))
    // Redirects and errors count as missing, too.
    if (response.status !== 200) return null
    const bytes =
      kind === 'example'
        ? new TextEncoder().encode((await response.text()).replaceAll(EXAMPLE_URL, () => publicUrl))
        : await response.arrayBuffer()
    const body = new Uint8Array(bytes)
    const tag = hash('sha256', body, 'base64url')
    const file: PreparedFile = {
      type: response.headers.get('content-type') ?? 'application/octet-stream',
      identity: { body, etag: `"${tag}"` },
      gzip: { body: new Uint8Array(await compress(body)), etag: `"${tag}-gzip"` },
    }
    // Stores the result, since in workerd a promise belongs to the request that made it.
    if (prepared.size < MAX_FILES) prepared.set(path, file)
    return file
  }
}
