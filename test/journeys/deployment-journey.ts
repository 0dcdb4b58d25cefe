/** What can be seen of any deployment without a mailbox. Changes nothing. */
import type { Api } from './api.ts'
import { check, fail } from './steps.ts'

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
