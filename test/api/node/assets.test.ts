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
  return (path: string) => assets(new Request(`http://localhost${path}`))
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
})
