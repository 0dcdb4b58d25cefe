/** Checks of any deployment that require no mailbox. Leaves only one validation behind. */
import type { Api } from './api.ts'
import { check, fail } from './steps.ts'

type Checks = Record<string, { status: string; detail?: string }>
type Steps = { outcome: string; detail: string | null }[]

const SCRIPT = /^text\/javascript/

/** Requests a page and every file that it loads, which detects missing assets. Returns the number of files. */
async function loadPage(api: Api, path: string): Promise<number> {
  const page = await fetch(api.origin + path)
  check(page.status === 200, `${path} returned ${page.status}`)
  const policy = page.headers.get('content-security-policy') ?? ''
  check(policy.includes("frame-ancestors 'none'"), `${path} can be framed`)
  const files = [...(await page.text()).matchAll(/<(?:link|script)[^>]* (?:href|src)="(\/[^"]+)"/g)]
  for (const [, file = ''] of files) {
    const { status } = await fetch(api.origin + file)
    check(status === 200, `${file}, which ${path} loads, returned ${status}`)
  }
  return files.length
}

export const deploymentJourney = (api: Api) =>
  [
    [
      'The Worker is running',
      async () => {
        const response = await api
          .call('GET', '/healthz')
          .catch(() => fail(`nothing responds at ${api.origin}`))
        check(response.status === 200, `/healthz returned ${response.status}`)
        return api.origin
      },
    ],
    [
      'The OpenAPI document is served',
      async () => {
        const { openapi, paths } = await api.expect(200, 'GET', '/openapi.json')
        check(openapi === '3.1.0', `its version is ${openapi}`)
        return `${Object.keys(paths as object).length} paths`
      },
    ],
    [
      'The console, the API reference and connect.js are served',
      async () => {
        const files = [await loadPage(api, '/console/'), await loadPage(api, '/docs')]
        check(
          files.every((count) => count > 0),
          'a page loads no files: has the Worker been built?',
        )
        const script = await fetch(`${api.origin}/connect.js`)
        const type = script.headers.get('content-type') ?? ''
        check(script.status === 200 && SCRIPT.test(type), `connect.js: ${script.status} ${type}`)
        return `/console/ with ${files[0]} files, /docs with ${files[1]}, /connect.js`
      },
    ],
    [
      'The script for mail programs is served with the address of this deployment',
      async () => {
        const script = await fetch(`${api.origin}/mailgrant-token`)
        check(script.status === 200, `/mailgrant-token returned ${script.status}`)
        const settings = await api.expect(200, 'GET', '/v1/integrations/microsoft/settings')
        const { origin } = new URL(String(settings.redirect_uri))
        const address = /^url=.*:-(.+)\}$/m.exec(await script.text())?.[1]
        check(address === origin, `it asks ${address}`)
        return `/mailgrant-token, which asks ${address}`
      },
    ],
    [
      'A call without a key is refused',
      async () => {
        const response = await fetch(`${api.origin}/v1/integrations`)
        check(response.status === 401, `it returned ${response.status}`)
        return '401 unauthorized'
      },
    ],
    [
      'The API key works, and the integration has a status',
      async () => {
        const { status, configured } = await api.expect(200, 'GET', '/v1/integrations/microsoft')
        return `${status}, ${configured ? 'configured' : 'not configured yet'}`
      },
    ],
    [
      'Database, key ring and checker are ready',
      async () => {
        const { status, body } = await api.call('GET', '/readyz')
        const checks = Object.entries((body.checks ?? {}) as Checks)
        const failed = checks.filter(([, part]) => part.status !== 'ok')
        const details = failed.map(([name, { detail }]) => `${name}: ${detail}`).join(' ')
        check(
          status === 200 && failed.every(([name]) => name !== 'checker'),
          `/readyz returned ${status}. ${details}`,
        )
        return checks.map(([name]) => name).join(', ')
      },
    ],
    [
      'The checker runs a login that the Worker requests',
      async () => {
        // The host cannot exist, but the checker looks it up.
        const { steps } = await api.expect(201, 'POST', '/v1/validations', {
          ...{ owner: { type: 'department', id: 'smoke' }, protocol: 'imap' },
          ...{ host: 'mailgrant-smoke.invalid', port: 993, security: 'tls' },
          username: 'nobody@mailgrant-smoke.invalid',
          authentication: { type: 'password', password: 'not-a-password' },
        })
        const [lookUp] = steps as Steps
        check(lookUp && lookUp.outcome !== 'skipped', lookUp?.detail ?? 'no detail given')
        return 'it tried to look up a host that does not exist'
      },
    ],
    [
      'The setup guide contains the redirect URI to register',
      async () => {
        const settings = await api.expect(200, 'GET', '/v1/integrations/microsoft/settings')
        const guide = await api.expect(200, 'GET', '/v1/integrations/microsoft/setup-guide')
        const uri = String(settings.redirect_uri)
        check(JSON.stringify(guide).includes(uri), 'the guide does not contain it')
        return uri
      },
    ],
  ] as const
