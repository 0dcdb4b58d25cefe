/** The files for browsers, from the folder that api/build.ts fills. Reads all of them once. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
}

/** Returns what answers GET and HEAD for a file, as Cloudflare does: 200, 304 or 404. */
export function createAssets(folder: string): (request: Request) => Promise<Response> {
  const files = new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        const body = readFileSync(path)
        const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
        const type = TYPES[extname(path)] ?? 'application/octet-stream'
        const url = path.slice(folder.length).replaceAll('\\', '/')
        return [url, { body, headers: { etag, 'content-type': type } }] as const
      }),
  )
  return async (request) => {
    const file = files.get(new URL(request.url).pathname)
    if (!file) return new Response(null, { status: 404 })
    const { body, headers } = file
    if (names(request.headers.get('if-none-match'), headers.etag)) {
      return new Response(null, { status: 304, headers })
    }
    return new Response(request.method === 'HEAD' ? null : body, { headers })
  }
}

/** Compares as If-None-Match does: a list, where weak tags count (RFC 9110 section 13.1.2). */
function names(ifNoneMatch: string | null, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}
