import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { beforeAll, describe, expect, it } from 'vitest'
import { createWorld, PUBLIC_URL, type World } from '../harness.ts'
import { everyPage, type ShownPage } from '../pages/every-page.ts'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

const get = (world: World, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  world.send(new Request(`${PUBLIC_URL}${path}`, { method, headers }))

const policyOf = (headers: Headers) =>
  Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ')
      return [name, sources.join(' ')]
    }),
  )

function elementsOf(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes.flatMap(elementsOf) : []
  return 'tagName' in node ? [node, ...children] : children
}

/** What of a page would run, or would be asked for, that is not a file of ours. */
function faultsOf(html: string): string[] {
  return elementsOf(parse(html)).flatMap(({ tagName, attrs, childNodes }) => {
    const shown = `<${tagName} ${attrs.map(({ name, value }) => `${name}="${value}"`).join(' ')}>`
    const inline = /^(script|style)$/.test(tagName) && childNodes.length > 0
    const handlers = attrs.some(({ name }) => name === 'style' || name.startsWith('on'))
    // Where a link leads is asked for by a person, not by the page.
    const asked = attrs.filter(({ name }) => name === 'src' || (name === 'href' && tagName !== 'a'))
    const foreign = asked.some(({ value }) => !/^(\/(?!\/)|data:,$)/.test(value))
    return inline || handlers || foreign ? [shown] : []
  })
}

describe('every page', () => {
  let pages: [string, ShownPage][]
  beforeAll(async () => {
    pages = Object.entries(await everyPage())
  })

  it('runs and loads its own files alone, is never framed, and tells nobody where it was', () => {
    for (const [name, { headers }] of pages) {
      const { 'img-src': images, ...policy } = policyOf(headers)
      expect(policy, name).toMatchObject({
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'base-uri': "'none'",
        'frame-ancestors': "'none'",
      })
      expect(["'self'", "'self' data:"], name).toContain(images)
      expect(["'none'", "'self'"], name).toContain(policy['form-action'])
      expect(headers.get('x-frame-options'), name).toBe('DENY')
      expect(headers.get('referrer-policy'), name).toBe('no-referrer')
      expect(headers.get('x-content-type-options'), name).toBe('nosniff')
      expect(headers.get('strict-transport-security'), name).toMatch(/max-age=\d{8}/)
      expect(headers.get('content-type')?.toLowerCase(), name).toBe('text/html; charset=utf-8')
    }
  })

  it('has no script, style or handler in its HTML, and asks for nothing from elsewhere', () => {
    for (const [name, { body }] of pages) {
      expect(body.slice(0, 15), name).toBe('<!doctype html>')
      expect(faultsOf(body), name).toEqual([])
    }
  })

  it.each([
    '<script>1</script>',
    '<style>a{}</style>',
    '<p style="color:red">',
    '<p onclick="a()">',
    '<script src="https://cdn.test/a.js"></script>',
    '<img src="//cdn.test/a.png">',
    '<link rel="stylesheet" href="https://cdn.test/a.css">',
  ])('would be caught with %s in it', (html) => {
    expect(faultsOf(html)).toHaveLength(1)
  })
})

describe('the files of a page', () => {
  it.each([
    ['/console/console.js', 'text/javascript'],
    ['/console/console.css', 'text/css'],
    ['/docs/reference.js', 'text/javascript'],
    ['/docs/reference.css', 'text/css'],
    ['/docs/problems.css', 'text/css'],
  ])('%s is asked for again each time, and told to be unchanged', async (path, type) => {
    const world = await createWorld()
    const first = await get(world, path)
    expect(first.status).toBe(200)
    expect(first.headers.get('content-type')).toBe(`${type}; charset=utf-8`)
    expect(first.headers.get('cache-control')).toBe('no-cache')
    expect(first.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await first.arrayBuffer()).byteLength).toBeGreaterThan(100)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).not.toBe('')
    const again = await get(world, path, { 'if-none-match': etag })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })

  it.each(['/docs/reference.css', '/docs/problems.css', '/console/console.css', '/oauth/page.css'])(
    '%s loads nothing more',
    async (path) => {
      const css = await (await get(await createWorld(), path)).text()
      expect(css.match(/@import|url\((?!["']?data:)[^)]*\)/g)).toBeNull()
    },
  )

  it('are sent without their content on HEAD', async () => {
    const response = await get(await createWorld(), '/console/', {}, 'HEAD')
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBeTruthy()
    expect(await response.text()).toBe('')
  })

  it.each(['/console/none.js', '/docs/none', '/console/..%2fconnect.js', '/connect.ts', '/oauth/'])(
    '%s is nothing',
    async (path) => {
      const response = await get(await createWorld(), path)
      expect(response.status).toBe(404)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    },
  )

  it.each([
    ['/', '/console/'],
    ['/console', '/console/'],
    ['/docs/', '/docs'],
  ])('%s leads to %s', async (path, to) => {
    const response = await get(await createWorld(), path)
    expect([302, 308]).toContain(response.status)
    expect(response.headers.get('location')).toBe(to)
  })
})

describe('the console', () => {
  it('keeps the popups that it opens', async () => {
    const response = await get(await createWorld(), '/console/')
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
    expect(policyOf(response.headers)['connect-src']).toBe("'self'")
  })
})

describe('/connect.js', () => {
  it('may be loaded by the pages of others, and cached for a while', async () => {
    const world = await createWorld()
    for (const path of ['/connect.js', '/connect.d.ts']) {
      const { headers, status } = await get(world, path)
      expect(status).toBe(200)
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
      expect(headers.get('cache-control')).toBe('public, max-age=300')
      expect(headers.get('etag')).toBeTruthy()
    }
  })

  it('shows its types as text: by their ending they would be a film', async () => {
    const { headers } = await get(await createWorld(), '/connect.d.ts')
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  it('has less than 2 KiB, gzipped', async () => {
    const script = await (await get(await createWorld(), '/connect.js')).blob()
    const stream = script.stream().pipeThrough(new CompressionStream('gzip'))
    const { byteLength } = await new Response(stream).arrayBuffer()
    console.log(`connect.js: ${byteLength} bytes gzipped`)
    expect(byteLength).toBeLessThan(2048)
  })
})

describe('a call of the API', () => {
  it.each(['/healthz', '/v1/grants', '/v1/none', '/none'])(
    '%s never waits for a file',
    async (path) => {
      const asked: string[] = []
      const world = await createWorld({
        outside: {
          assets: async ({ url }) => {
            asked.push(url)
            return new Response(null, { status: 404 })
          },
        },
      })
      await world.call('GET', path)
      expect(asked).toEqual([])
    },
  )
})
