import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAssets } from '../../../api/node/assets.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

function createFolder() {
  const parent = createTemporaryFolder()
  const folder = join(parent, 'assets')
  mkdirSync(join(folder, 'console'), { recursive: true })
  writeFileSync(join(parent, 'secret'), 'secret')
  writeFileSync(join(folder, 'console/index.html'), '<p>')
  writeFileSync(join(folder, 'console/console.js'), 'let a')
  writeFileSync(join(folder, 'icon.svg'), '<svg/>')
  const assets = createAssets(folder)
  return (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    assets(new Request(`http://localhost${path}`, { headers, method }))
}

describe('the files for browsers', () => {
  it.each([
    ['/console/console.js', 'text/javascript; charset=utf-8', 'let a'],
    ['/console/index.html', 'text/html; charset=utf-8', '<p>'],
    ['/icon.svg', 'image/svg+xml', '<svg/>'],
    ['/icon.svg?v=1', 'image/svg+xml', '<svg/>'],
  ])('%s is %s', async (path, type, body) => {
    const response = await createFolder()(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(await response.text()).toBe(body)
  })

  it.each([
    '/',
    '/console',
    '/console/',
    '/none',
    '/../secret',
    '/%2e%2e/secret',
    '/..%2fsecret',
    '/console/..%5c..%5csecret',
    '/console%2fconsole.js',
    '//icon.svg',
    '/icon.svg%00',
    '/__proto__',
    '/constructor',
  ])('%s is not found', async (path) => {
    const response = await createFolder()(path)
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('')
  })

  it('are answered with 304 to what the browser has', async () => {
    const get = createFolder()
    const etag = (await get('/icon.svg')).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{43}"$/)
    for (const tags of [etag, `W/${etag}`, `"a", ${etag}`, `"a",W/${etag} , "b"`, '*']) {
      const response = await get('/icon.svg', { 'if-none-match': tags })
      expect(response.status, tags).toBe(304)
      expect(response.headers.get('etag')).toBe(etag)
      expect(response.body).toBeNull()
    }
    for (const tags of ['"a"', etag.slice(1, -1), `${etag.slice(0, -1)}x"`, '']) {
      const response = await get('/icon.svg', { 'if-none-match': tags })
      expect(response.status, tags).toBe(200)
    }
  })

  it('have other tags once they change', async () => {
    const get = createFolder()
    const tags = ['/icon.svg', '/console/console.js'].map(async (path) =>
      (await get(path)).headers.get('etag'),
    )
    expect(new Set(await Promise.all(tags)).size).toBe(2)
  })

  it('have no body on HEAD', async () => {
    const response = await createFolder()('/icon.svg', {}, 'HEAD')
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).not.toBeNull()
    expect(response.body).toBeNull()
  })
})
