import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tenthOf } from '../../sample.ts'
import type { AutomaticId } from '../assumptions.ts'
import { alterations } from './alterations.ts'
import { reportOf } from './report.ts'
import { rehearse } from './sandbox.ts'
import { steps } from './steps.ts'

const ids = Object.keys(alterations) as AutomaticId[]

/** Runs the steps that check the statement, with the sandbox altered. Returns what the report says of it. */
async function altered(id: AutomaticId): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mailgrant-acceptance-'))
  try {
    const { progress } = await rehearse({
      ...alterations[id],
      folder,
      steps: steps.filter(
        (step) => step.id === 'app' || (step.checks as readonly string[]).includes(id),
      ),
    })
    return reportOf(progress).differs.some(({ assumption }) => assumption === id)
      ? 'differs'
      : `not reported ${JSON.stringify(progress.failed)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

it('reports every statement that the sandbox no longer keeps', async () => {
  const chosen = tenthOf(ids)
  const missed: string[] = []
  for (const id of chosen) {
    const result = await altered(id)
    if (result !== 'differs') missed.push(`${id}: ${result}`)
  }
  console.log(
    `${chosen.length - missed.length} of ${chosen.length} altered statements are reported.`,
  )
  expect(missed).toEqual([])
}, 600_000)
