/** Plain text for programs that read the output of a command, where the caller prefers it to JSON. */
import type { ProblemContent } from '../problem.ts'

/** Returns whether `Accept` strictly prefers text/plain to application/json (RFC 9110 section 12.5.1). */
export function prefersText(accept: string | undefined): boolean {
  if (accept === undefined) return false
  const ranges = accept.split(',').map(parseRange)
  return qualityOf('text/plain', ranges) > qualityOf('application/json', ranges)
}

type Range = { type: string; quality: number }

/** Ignores parameters other than the weight. A malformed weight counts as 1. */
function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  return { type, quality: Number.isNaN(quality) ? 1 : quality }
}

/** Returns the weight of the most specific range that matches the type; 0 without one. */
function qualityOf(type: string, ranges: Range[]): number {
  const [main] = type.split('/')
  for (const candidate of [type, `${main}/*`, '*/*']) {
    const matching = ranges.filter((range) => range.type === candidate)
    if (matching.length > 0) return Math.max(...matching.map(({ quality }) => quality))
  }
  return 0
}

/** Returns the problem as one line: its sentence for people, and its code to search for. */
export const problemLine = ({ code, detail }: Pick<ProblemContent, 'code' | 'detail'>): string =>
  `${detail.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')} (${code})`

/** Returns the problem's response with one line of text in place of its body. */
export function asText(problem: ProblemContent, { status, headers }: Response): Response {
  const all = new Headers(headers)
  all.set('content-type', 'text/plain; charset=UTF-8')
  return new Response(`${problemLine(problem)}\n`, { status, headers: all })
}
