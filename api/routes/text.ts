/** Plain text instead of JSON, for programs that read the output of a command. */
import { parseAccept } from 'hono/utils/accept'
import type { ProblemContent } from '../problem.ts'

/** Returns true if `Accept` strictly prefers this type to application/json (RFC 9110 section 12.5.1). */
function prefers(preferred: string, accept: string): boolean {
  const ranges = parseAccept(accept).map(({ type, q }) => ({ type: type.toLowerCase(), q }))
  /** Returns the weight of the most specific range that matches the type; 0 without one. */
  const qualityOf = (type: string) =>
    [type, type.replace(/\/.*/, '/*'), '*/*'].flatMap((one) =>
      ranges.filter((range) => range.type === one),
    )[0]?.q ?? 0
  return qualityOf(preferred) > qualityOf('application/json')
}

export const prefersText = (accept = '') => prefers('text/plain', accept)

/** Returns true if a browser opens the URL as a page. */
export const prefersPage = (accept = '') => prefers('text/html', accept)

/** Returns the problem as one line: its sentence for people, and its code to search for. */
export const problemLine = ({ code, detail }: Pick<ProblemContent, 'code' | 'detail'>): string =>
  `${detail.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')} (${code})`

/** Returns the problem's response with one line of text in place of its body. */
export function asText(problem: ProblemContent, { status, headers }: Response): Response {
  const all = new Headers(headers)
  all.set('content-type', 'text/plain; charset=UTF-8')
  return new Response(`${problemLine(problem)}\n`, { status, headers: all })
}
