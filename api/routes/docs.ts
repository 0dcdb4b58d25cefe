/** /docs: the pages that api/build.ts makes, with the address of this deployment in them, and their files. */
import { html } from 'hono/html'
import { isGuid } from '../../schema/integration.ts'
import { APPROVAL } from '../paths.ts'
import { createRouter } from './app-env.ts'
import { docsHeaders, file, send } from './assets.ts'

/** These pages are found through search engines, and change only with a deployment. */
const publicHeaders = { ...docsHeaders, 'cache-control': 'public, max-age=300' }
const textHeaders = { ...docsHeaders, 'content-type': 'text/plain; charset=utf-8' }

export const docs = createRouter()
docs.get('/docs/:file{.+\\.(?:css|js|json)}', file(docsHeaders))
docs.get('/docs/:file{.+\\.(?:ps1|sh)}', file(textHeaders))
docs.get(
  '/docs/prometheus-alerts.yaml',
  async (c) => (await send(c, c.req.path, textHeaders, { kind: 'example' })) ?? c.notFound(),
)
/** Shows the product and the app's client ID. Search engines don't list it, since it is for the admin who was sent the link. */
docs.get(APPROVAL, async (c) => {
  const { files, settings, store } = c.get('services')
  const [file, { clientId }] = await Promise.all([
    files(`${APPROVAL}.html`, 'example'),
    store.integrations.read(),
  ])
  if (file === null) return c.notFound()
  const page = new TextDecoder().decode(file.identity.body)
  const product = await html`${settings.brand?.name ?? 'not stated, so ask the operator'}`
  const shown = page
    .replaceAll('&lt;client ID&gt;', isGuid(clientId) ? clientId : 'not set up yet')
    .replaceAll('&lt;product&gt;', () => product.toString())
  return c.html(shown, 200, { ...docsHeaders, 'x-robots-tag': 'noindex' })
})
docs.on('GET', ['/docs', '/docs/*'], async (c) => {
  const path = c.req.path.replace(/\/+$/, '')
  if (path !== c.req.path) return c.redirect(path, 308)
  return (
    (await send(c, `${path}.html`, publicHeaders, { kind: 'example' })) ??
    (await send(c, '/docs/not-found.html', docsHeaders, { kind: 'example', status: 404 })) ??
    c.notFound()
  )
})
