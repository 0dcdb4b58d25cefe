/** Checks the API against the schemas of its document: the body of every response of a world that is a success. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { expect } from 'vitest'
import { z } from 'zod'
import type { AppEnv } from '../../api/routes/app-env.ts'

type App = Pick<OpenAPIHono<AppEnv>, 'openAPIRegistry'>
const JSON_TYPE = 'application/json'

/** Returns the routes of the document. Those without an ID come first, since `/{id}` matches them, too. */
const routesOf = ({ openAPIRegistry }: App) =>
  openAPIRegistry.definitions
    .flatMap((definition) => (definition.type === 'route' ? [definition.route] : []))
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length)
    .map((route) => ({
      ...route,
      pattern: new RegExp(`^${route.path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    }))

// The document is the same in every world, so the first call computes the routes for all.
let routes: ReturnType<typeof routesOf> | undefined

/** Throws if a successful response lacks a member that the document describes, or has another one. */
export async function expectDescribed(app: App, request: Request, response: Response) {
  if (!response.ok || response.headers.get('content-type') !== JSON_TYPE) return
  routes ??= routesOf(app)
  const { pathname } = new URL(request.url)
  const method = request.method.toLowerCase()
  const route = routes.find((each) => each.method === method && each.pattern.test(pathname))
  if (!route) return
  const found = route.responses[response.status]
  const content = found && 'content' in found && found.content?.[JSON_TYPE]
  const schema = content && 'schema' in content && content.schema
  const place = `${method} ${route.path} returns ${response.status}`
  if (!(schema instanceof z.ZodType)) throw new Error(`${place}, which the document does not have`)
  const body = await response.clone().json()
  // Parsing drops members that the schema doesn't have, so they appear as a difference.
  expect(schema.safeParse(body), place).toEqual({ success: true, data: body })
}
