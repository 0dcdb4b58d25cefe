import { parse } from 'parse5'
import { beforeAll, describe, expect, it } from 'vitest'
import { elements } from '../../sandbox/forms.ts'
import { createWorld, PUBLIC_URL, type World } from '../harness.ts'
import { everyPage, type ShownPage } from '../pages/every-page.ts'

const get = (world: World, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  world.send(new Request(`${PUBLIC_URL}${path}`, { method, headers }))

const policyOf = (headers: Headers) =>
  Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ')
      return [name, sources.join(' ')]
    }),
  )

/** Returns inline scripts, styles and handlers, and references to other hosts. */
function faultsOf(html: string): string[] {
  return [...elements(parse(html))].flatMap(({ tagName, attrs, childNodes }) => {
    const shown = `<${tagName} ${attrs.map(({ name, value }) => `${name}="${value}"`).join(' ')}>`
    const canonical = attrs.some(({ value }) => value === 'canonical')
    const inline = /^(script|style)$/.test(tagName) && childNodes.length > 0
    const handlers = attrs.some(({ name }) => name === 'style' || name.startsWith('on'))
    // The page itself does not load the target of a link.
    const loaded = canonical
      ? []
      : attrs.filter(({ name }) => name === 'src' || (name === 'href' && tagName !== 'a'))
    const foreign = loaded.some(({ value }) => !/^(\/(?!\/)|data:,$)/.test(value))
    return inline || handlers || foreign ? [shown] : []
  })
}

describe('every page', () => {
  let pages: [string, ShownPage][]
  beforeAll(async () => {
    pages = Object.entries(await everyPage())
  })

  it('loads only its own files, cannot be framed and sends no referrer', () => {
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

  it('has no inline script, style or handler, and loads nothing from other hosts', () => {
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
  ])('fails this check with %s in it', (html) => {
    expect(faultsOf(html)).toHaveLength(1)
  })
})

describe('static files', () => {
  it.each([
    ['/console/console.js', 'text/javascript'],
    ['/console/console.css', 'text/css'],
    ['/docs/docs.js', 'text/javascript'],
    ['/docs/docs.css', 'text/css'],
  ])('%s is revalidated on each use and answered with 304', async (path, type) => {
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

  it.each(['/openapi.json', '/console/', '/docs', '/docs/mail-programs', '/mailgrant-token'])(
    '%s is compressed for those who accept it, each form with its own tag',
    async (path) => {
      const world = await createWorld()
      const ask = (accepted: string, tag = '') =>
        get(world, path, { 'accept-encoding': accepted, 'if-none-match': tag })
      const plain = await get(world, path)
      const bytes = await plain.clone().bytes()
      for (const accepted of ['gzip', 'br, gzip', 'gzip;q=0.5', 'deflate, GZIP;q=1.0, *;q=0']) {
        const response = await ask(accepted)
        expect(response.headers.get('content-encoding'), accepted).toBe('gzip')
        const sent = await response.clone().bytes()
        expect(sent.length).toBeLessThan(bytes.length / 1.5)
        const opened = response.body?.pipeThrough(new DecompressionStream('gzip'))
        expect(await new Response(opened).bytes()).toEqual(bytes)
      }
      for (const accepted of ['', 'identity', 'gzip;q=0', 'br', '*', 'identity, gzip;q=0.5']) {
        const response = await ask(accepted)
        expect(response.headers.get('content-encoding'), accepted).toBeNull()
        expect(await response.bytes()).toEqual(bytes)
      }
      const tags = [plain, await ask('gzip')].map((response) => response.headers.get('etag') ?? '')
      expect(new Set(tags).size).toBe(2)
      const [own = '', compressed = ''] = tags
      for (const list of [compressed, `W/${compressed}`, `"a",W/${compressed} , "b"`, '*']) {
        const response = await ask('gzip', list)
        expect(response.status, list).toBe(304)
        expect(response.headers.get('etag')).toBe(compressed)
        expect(response.headers.get('vary')).toBe('accept-encoding')
        expect(response.body).toBeNull()
      }
      for (const list of [own, '"a"', compressed.slice(1, -1)]) {
        expect((await ask('gzip', list)).status, list).toBe(200)
      }
      expect((await ask('identity', own)).status).toBe(304)
      expect(plain.headers.get('vary')).toBe('accept-encoding')
    },
  )

  it('are read once', async () => {
    let reads = 0
    const world = await createWorld({
      outside: {
        assets: async () => {
          reads += 1
          return new Response('<p>')
        },
      },
    })
    for (const path of ['/console/', '/console/', '/docs', '/docs']) await get(world, path)
    expect(reads).toBe(2)
  })

  it.each(['/docs/docs.css', '/console/console.css', '/oauth/page.css'])(
    '%s loads no further files',
    async (path) => {
      const css = await (await get(await createWorld(), path)).text()
      expect(css.match(/@import|url\((?!["']?(?:data:|#))[^)]*\)/g)).toBeNull()
    },
  )

  it('are sent without a body on HEAD', async () => {
    const response = await get(await createWorld(), '/console/', {}, 'HEAD')
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBeTruthy()
    expect(await response.text()).toBe('')
  })

  it.each([
    '/console/none.js',
    '/docs/none.css',
    '/docs.html',
    '/console/..%2fconnect.js',
    // Each spelling of a path would be kept in memory as another file.
    '/console/a%5C..%5C..%5Copenapi.json',
    '/connect.ts',
    '/oauth/',
  ])('%s is not found', async (path) => {
    const response = await get(await createWorld(), path)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  it.each([
    ['/', '/console/'],
    ['/console', '/console/'],
    ['/docs/', '/docs'],
    ['/docs/causes/', '/docs/causes'],
    ['/docs/mail-programs/mutt/', '/docs/mail-programs/mutt'],
  ])('%s redirects to %s', async (path, to) => {
    const response = await get(await createWorld(), path)
    expect([302, 308]).toContain(response.status)
    expect(response.headers.get('location')).toBe(to)
  })
})

it.each(['/console/', '/docs'])('%s turns no text into code or markup', async (path) => {
  const policy = policyOf((await get(await createWorld(), path)).headers)
  expect(policy['require-trusted-types-for']).toBe("'script'")
})

describe('the console', () => {
  it('keeps its reference to the popups that it opens', async () => {
    const response = await get(await createWorld(), '/console/')
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
    expect(policyOf(response.headers)['connect-src']).toBe("'self'")
  })
})

describe('/connect.js', () => {
  it('can be loaded by other origins and cached for five minutes', async () => {
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

  it('serves its types as text, although .ts is the extension of a video format', async () => {
    const { headers } = await get(await createWorld(), '/connect.d.ts')
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })
})

describe('/mailgrant-token', () => {
  it('is the script with the address of this deployment, as text', async () => {
    const response = await get(await createWorld(), '/mailgrant-token')
    const { headers } = response
    expect(response.status).toBe(200)
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    const body = await response.text()
    expect(body).toMatch(/^#!\/bin\/sh\n/)
    expect(body).toContain(`:-${PUBLIC_URL}}`)
    expect(body).not.toContain('example.com')
  })

  it('is not found where api/build.ts has not run, nor is the documentation', async () => {
    const assets = async () => new Response(null, { status: 404 })
    const world = await createWorld({ outside: { assets } })
    expect((await get(world, '/mailgrant-token')).status).toBe(404)
    expect((await get(world, '/docs/mail-programs')).status).toBe(404)
  })
})

describe('an API call', () => {
  it.each(['/healthz', '/v1/grants', '/v1/none', '/none'])(
    '%s never requests a static file',
    async (path) => {
      const requested: string[] = []
      const world = await createWorld({
        outside: {
          assets: async ({ url }) => {
            requested.push(url)
            return new Response(null, { status: 404 })
          },
        },
      })
      await world.call('GET', path)
      expect(requested).toEqual([])
    },
  )
})
