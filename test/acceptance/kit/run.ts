/** Runs the steps that are not done, and keeps what they find after each one. */
import { createKit, type KitOptions, type Need, StepFailed } from './context.ts'
import type { Person } from './person.ts'
import { type Progress, stillChanged, writeProgress } from './progress.ts'
import type { Recorder } from './recorder.ts'
import type { Step } from './steps/step.ts'
import { steps as allSteps } from './steps.ts'
import { callbackEntry, type Entry, httpEntry, mailEntry, type Origins } from './transcript.ts'

export type RunOptions = Omit<KitOptions, 'save'> & { steps?: readonly Step[] }

/** Returns the entries of a step, from the recorder. */
export function entriesOf(
  step: string,
  recorder: Recorder,
  origins: Origins,
  approved: ReadonlySet<string> = new Set(),
): Entry[] {
  return [
    ...recorder.callbacks
      .filter((one) => one.step === step)
      .map(({ url }) => callbackEntry(step, url, origins)),
    ...recorder.exchanges
      .filter((one) => one.step === step)
      .map((one) => httpEntry(one, origins, approved)),
    ...recorder.mail.filter((one) => one.step === step).map((one) => mailEntry(one, approved)),
  ]
}

export async function runSteps(options: RunOptions): Promise<void> {
  const { target, product, recorder, person, progress, folder, skip } = options
  const save = () => writeProgress(folder, progress)
  const changed = stillChanged(progress)
  if (changed) person.say(changed)
  const kit = createKit({ ...options, save })
  const origins = {
    login: target.login,
    graph: new URL(target.graph).origin,
    product: new URL(product.url).origin,
  }
  const steps = options.steps ?? allSteps
  for (const [index, step] of steps.entries()) {
    const { id, title, needs, run } = step
    if (progress.done[id]) continue
    if (skip.includes(id) || needs.some((need: Need) => skip.includes(need))) continue
    person.say(`\n${index + 1} of ${steps.length}: ${title}`)
    recorder.begin(id)
    const found = progress.findings.length
    try {
      await run(kit)
      progress.done[id] = new Date().toISOString()
      delete progress.failed[id]
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      progress.failed[id] = error instanceof StepFailed ? words : `It failed: ${words}`
      person.say(`  not finished: ${progress.failed[id]}`)
    }
    for (const { assumption, expected, saw } of progress.findings.slice(found)) {
      person.say(`  ${expected === saw ? 'held   ' : 'DIFFERS'} ${assumption}: ${saw}`)
    }
    progress.transcript = [
      ...progress.transcript.filter((entry) => entry.step !== id),
      ...entriesOf(id, recorder, origins),
    ]
    save()
  }
}

/** Goes through everything that is still changed, the latest first. */
export async function undoAll(person: Person, progress: Progress, folder: string): Promise<void> {
  for (const change of progress.changed.toReversed()) {
    await person.ask({ do: 'change', change, back: true })
    progress.changed.splice(progress.changed.indexOf(change), 1)
    writeProgress(folder, progress)
  }
}
