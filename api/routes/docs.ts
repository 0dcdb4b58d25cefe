/** /docs: the pages that api/build.ts makes, with the address of this deployment in them, and their files. */
import { etag } from 'hono/etag'
import { createRouter } from './app-env.ts'
import { docsHeaders, file, readExample } from './assets.ts'

/** These pages are found through search engines, and change only with a deployment. */
const publicHeaders = { ...docsHeaders, 'cache-control': 'public, max-age=300' }

export const docs = createRouter()
docs.get('/docs/:file{.+\\.(?:css|js|json)}', file(docsHeaders))
docs.on('GET', ['/docs', '/docs/*'], etag(), async (c) => {
  const path = c.req.path.replace(/\/+$/, '')
  if (path !== c.req.path) return c.redirect(path, 308)
  const page = await readExample(c, `${path}.html`)
  if (page !== null) return c.html(page, 200, publicHeaders)
  const notFound = await readExample(c, '/docs/not-found.html')
  return notFound === null ? c.notFound() : c.html(notFound, 404, docsHeaders)
})
