/** /docs: the API reference, the list of problems, the chapter about mail programs, and the pages about causes. */
import { etag } from 'hono/etag'
import { describeCauses } from '../diagnosis/diagnose.ts'
import { CauseIndex, CausePage, UnknownCause } from '../pages/causes.tsx'
import { ApiReference, MailPrograms, Problems } from '../pages/documentation.tsx'
import { CAUSES, MAIL_PROGRAMS } from '../paths.ts'
import { createRouter } from './app-env.ts'
import { docsHeaders, file, readExample } from './assets.ts'

/** These pages are found through search engines, and change only with a deployment. */
const publicHeaders = { ...docsHeaders, 'cache-control': 'public, max-age=300' }

export const docs = createRouter()
docs.get('/docs', (c) => c.html(`<!doctype html>${<ApiReference />}`, 200, docsHeaders))
docs.get('/docs/problems', (c) => c.html(`<!doctype html>${<Problems />}`, 200, docsHeaders))
docs.get('/docs/', (c) => c.redirect('/docs', 308))
docs.get(CAUSES, etag(), (c) => {
  const { causes: causePages } = c.get('services').settings.urls
  const page = <CauseIndex causes={describeCauses({ causePages })} canonical={causePages} />
  return c.html(`<!doctype html>${page}`, 200, publicHeaders)
})
docs.get(`${CAUSES}/`, (c) => c.redirect(CAUSES, 308))
docs.get(`${CAUSES}/:slug`, etag(), (c) => {
  const { causes: causePages } = c.get('services').settings.urls
  const cause = describeCauses({ causePages }).find((each) => each.cause === c.req.param('slug'))
  if (!cause) return c.html(`<!doctype html>${<UnknownCause />}`, 404, docsHeaders)
  return c.html(`<!doctype html>${<CausePage cause={cause} />}`, 200, publicHeaders)
})
docs.get(MAIL_PROGRAMS, etag(), async (c) => {
  const chapter = await readExample(c, '/mail-programs.html')
  if (chapter === null) return c.notFound()
  return c.html(`<!doctype html>${<MailPrograms chapter={chapter} />}`, 200, publicHeaders)
})
docs.get('/docs/*', file(docsHeaders))
