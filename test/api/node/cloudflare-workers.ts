/** `cloudflare:workers` for tests in Node: the bindings of the Worker, with D1 in memory. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createD1 } from '../../../api/node/d1.ts'

const folder = join(import.meta.dirname, '../../../schema/d1/migrations')
const assets = join(import.meta.dirname, '../../../.assets')

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
}

async function serveAsset(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  const file = join(assets, pathname)
  if (!existsSync(file)) return new Response(null, { status: 404 })
  const type = types[pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
  return new Response(readFileSync(file), { headers: { 'content-type': type } })
}

export const env = {
  DB: createD1(new DatabaseSync(':memory:')),
  MIGRATIONS: readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, queries: [readFileSync(join(folder, name), 'utf8')] })),
  ASSETS: { fetch: serveAsset },
}
