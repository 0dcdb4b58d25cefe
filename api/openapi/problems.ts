/** Problems in the OpenAPI document: an example of each code, and the meaning of every code. */
import type { ProblemCode } from '../../schema/problem.ts'
import { problemCodes, problemTable } from '../../schema/problems.ts'
import { problemBody } from '../problem.ts'
import { sampleProblems } from '../routes/to-problem.ts'

const WHERE = {
  publicUrl: 'https://mailgrant.example.com',
  path: '/v1/mail-accounts',
  requestId: '0b1f7c3e-54b6-4f0f-9a3e-2f6d1c8a7e55',
}

const samples = Map.groupBy(sampleProblems(), ({ code }) => code)

/** Returns the example of a code as a component. Throws for a code of which there is no sample. */
export function problemExample(code: ProblemCode) {
  const [sample] = samples.get(code) ?? []
  if (!sample) throw new Error(`${code} needs a sample in routes/to-problem.ts`)
  return { summary: problemTable[code].title, value: problemBody(sample, WHERE) }
}

/** Description of the property `code`. */
export const codesInWords = `Stable problem code; branch on this.\n\n${problemCodes
  .map((code) => `- \`${code}\` (${problemTable[code].status}): ${problemTable[code].title}.`)
  .join('\n')}`
