import { describe, expect, it } from 'vitest'
import { activeWorld, PUBLIC_URL } from '../../harness.ts'
import { authorize } from '../../sign-in.ts'

/** Requests an authorization whose return URL is this path of Mailgrant's own origin. */
async function requestReturnTo(path: string) {
  const world = await activeWorld()
  return world.call('POST', '/v1/authorizations', {
    provider: 'microsoft',
    username: 'alice@contoso.test',
    return_url: `${PUBLIC_URL}${path}`,
  })
}

describe('a return_url at our own origin', () => {
  it('is never the link of another sign-in, which would skip the consent page', async () => {
    const world = await activeWorld()
    const second = new URL((await authorize(world)).url)
    const { pathname, search } = second
    for (const path of [pathname, pathname.replace('oauth', '%6Fauth')]) {
      expect((await requestReturnTo(`${path}${search}`)).status, path).toBe(422)
    }
  })

  it.each(['/oauth/', '/oauth/microsoft/authorize?a=b', '/./oauth/x', '/%6f%61uth/x', '/oauth'])(
    'is refused at %s',
    async (path) => {
      const response = await requestReturnTo(path)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({
        code: 'origin_not_allowed',
        errors: [{ pointer: '/return_url' }],
      })
    },
  )

  it.each(['/', '/console/', '/console/oauth/', '/oauthentic', '/%E0%A4%A'])(
    'is accepted at %s',
    async (path) => {
      expect((await requestReturnTo(path)).status).toBe(201)
    },
  )
})

it('may have /oauth/ in its path at another origin', async () => {
  const world = await activeWorld()
  await authorize(world, { return_url: 'https://helpdesk.test/oauth/done' })
})
