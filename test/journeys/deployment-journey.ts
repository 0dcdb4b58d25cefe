/** What can be seen of any deployment without a mailbox. Changes nothing. */
import type { Api } from './api.ts'
import { check, fail } from './steps.ts'

const SCRIPT = /^text\/javascript/

/** Opens a page, and all that it loads: a Worker without its assets shows here. */
async function open(api: Api, path: string): Promise<number> {
  const page = await fetch(api.origin + path)
  check(page.status === 200, `${path} answered ${page.status}`)
  const policy = page.headers.get('content-security-policy') ?? ''
  check(policy.includes("frame-ancestors 'none'"), `${path} may be framed`)
  const files = [...(await page.text()).matchAll(/<(?:link|script)[^>]* (?:href|src)="(\/[^"]+)"/g)]
  for (const [, file = ''] of files) {
    const { status } = await fetch(api.origin + file)
    check(status === 200, `${file}, which ${path} loads, answered ${status}`)
  }
  return files.length
}

export const deploymentJourney = (api: Api) =>
  [
    [
      'The Worker runs',
      async () => {
        const answer = await api
          .call('GET', '/healthz')
          .catch(() => fail(`nothing answers at ${api.origin}`))
        check(answer.status === 200, `/healthz answered ${answer.status}`)
        return api.origin
      },
    ],
    [
      'The OpenAPI document is there',
      async () => {
        const { openapi, paths } = await api.expect(200, 'GET', '/openapi.json')
        check(openapi === '3.1.0', `it says version ${openapi}`)
        return `${Object.keys(paths as object).length} paths`
      },
    ],
    [
      'The console, the API reference and connect.js are there',
      async () => {
        const files = [await open(api, '/console/'), await open(api, '/docs')]
        check(
          files.every((count) => count > 0),
          'a page loads no files: was it made?',
        )
        const script = await fetch(`${api.origin}/connect.js`)
        const type = script.headers.get('content-type') ?? ''
        check(script.status === 200 && SCRIPT.test(type), `connect.js: ${script.status} ${type}`)
        return `/console/ with ${files[0]} files, /docs with ${files[1]}, /connect.js`
      },
    ],
    [
      'A call without a key is refused',
      async () => {
        const response = await fetch(`${api.origin}/v1/integrations`)
        check(response.status === 401, `it answered ${response.status}`)
        return '401 unauthorized'
      },
    ],
    [
      'The key works, and the integration tells its state',
      async () => {
        const { status, configured } = await api.expect(200, 'GET', '/v1/integrations/microsoft')
        return `${status}, ${configured ? 'configured' : 'not configured yet'}`
      },
    ],
    [
      'The setup guide names the redirect URI to register',
      async () => {
        const settings = await api.expect(200, 'GET', '/v1/integrations/microsoft/settings')
        const guide = await api.expect(200, 'GET', '/v1/integrations/microsoft/setup-guide')
        const uri = String(settings.redirect_uri)
        check(JSON.stringify(guide).includes(uri), 'the guide lacks it')
        return uri
      },
    ],
  ] as const
