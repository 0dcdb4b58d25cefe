/**
 * Checks the API against its document: an operation may only return problems that the committed
 * document lists for it. Every response of a world passes through here.
 */
import { z } from 'zod'
import openapi from '../../schema/openapi.json' with { type: 'json' }
import { pathsWithParts } from './openapi-reading.ts'

const PROBLEM_JSON = 'application/problem+json'

const byName = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value)
const Media = z.object({ examples: byName(z.unknown()).optional() })
const Responses = byName(z.object({ content: byName(Media).optional() }))
const Paths = byName(byName(z.object({ responses: Responses })))

const documentedPaths = Object.entries(Paths.parse(pathsWithParts(openapi))).map(
  ([template, operations]) => ({
    template,
    operations,
    pattern: new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
  }),
)

/** Throws if the document does not list this problem. Ignores paths that are not in the document. */
export async function expectDocumented(request: Request, response: Response): Promise<void> {
  if (response.headers.get('content-type') !== PROBLEM_JSON) return
  const { pathname } = new URL(request.url)
  const found = documentedPaths.find(({ pattern }) => pattern.test(pathname))
  const operation = found?.operations[request.method.toLowerCase()]
  if (!found || !operation) return
  const { code } = await response.clone().json<{ code: string }>()
  const listed = operation.responses[response.status]?.content?.[PROBLEM_JSON]?.examples ?? {}
  if (code in listed) return
  throw new Error(
    `${request.method} ${found.template} returns ${response.status} ${code}, which its route does not list in problems(...)`,
  )
}
