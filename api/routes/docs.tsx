/** /docs: the API reference and the list of problems. */
import { ApiReference, Problems } from '../pages/documentation.tsx'
import { createRouter } from './app-env.ts'
import { docsHeaders, file } from './assets.ts'

export const docs = createRouter()
docs.get('/docs', (c) => c.html(`<!doctype html>${<ApiReference />}`, 200, docsHeaders))
docs.get('/docs/problems', (c) => c.html(`<!doctype html>${<Problems />}`, 200, docsHeaders))
docs.get('/docs/', (c) => c.redirect('/docs', 308))
docs.get('/docs/*', file(docsHeaders))
