import { expect, it } from 'vitest'
import { createThirdParty } from './server.ts'

const API = 'http://localhost:9787'

it('the third-party page runs only its own script and connect.js, nothing inline, and contains no API key', async () => {
  const app = createThirdParty({ api: API, apiKey: 'mg_a_key' })
  const page = await app.request('/')
  const html = await page.text()
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain(`script-src 'self' ${API}/connect.js;`)
  expect(policy).toContain(`connect-src 'self' ${API}/oauth/status/;`)
  expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/page.js">'])
  expect(html).not.toMatch(/<style|style=| on[a-z]+=/)
  const script = await app.request('/page.js')
  expect(script.headers.get('content-type')).toContain('text/javascript')
  const text = await script.text()
  expect(text.match(/https?:[^']*/g)).toEqual([`${API}/connect.js`])
  expect(html + text).not.toContain('mg_a_key')
})
