/** The files for browsers, from the folder that api/build.ts fills. */
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

/** Returns a function that responds with a file or with 404, as Cloudflare does. Reads all files once. */
export function createAssets(folder: string): (request: Request) => Promise<Response> {
  const files = new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        const type = TYPES[extname(path)] ?? 'application/octet-stream'
        const url = path.slice(folder.length).replaceAll('\\', '/')
        return [url, { body: readFileSync(path), headers: { 'content-type': type } }] as const
      }),
  )
  return async (request) => {
    const file = files.get(new URL(request.url).pathname)
    return file
      ? new Response(file.body, { headers: file.headers })
      : new Response(null, { status: 404 })
  }
}
