/** Counts the work of a person: clicks and typed fields, including popups. */
import type { BrowserContext } from 'playwright-core'

export type Effort = { clicks: string[]; typed: string[] }

/** Starts counting in every page of the context that is opened or loaded from now on. */
export async function countEffort(context: BrowserContext): Promise<Effort> {
  const effort: Effort = { clicks: [], typed: [] }
  await context.exposeBinding('reportEffort', (_source, kind: keyof Effort, what: string) => {
    effort[kind].push(what)
  })
  await context.addInitScript(() => {
    const report = (kind: string, what: string) =>
      (
        globalThis as unknown as { reportEffort: (kind: string, what: string) => void }
      ).reportEffort(kind, what)
    const nameOf = (target: EventTarget | null) => {
      const labels = (target as HTMLInputElement | null)?.labels
      const text = labels?.[0]?.textContent ?? (target as Element | null)?.textContent ?? ''
      return text.trim().replace(/\s+/g, ' ').slice(0, 60)
    }
    const seen = new WeakSet<EventTarget>()
    addEventListener('pointerdown', (event) => report('clicks', nameOf(event.target)), true)
    addEventListener(
      'change',
      ({ target }) => {
        // The list of a select is invisible to scripts, so counts one click to open it and one to choose.
        if (!(target instanceof HTMLSelectElement)) return
        report('clicks', `${nameOf(target)}: open`)
        report('clicks', `${nameOf(target)}: choose`)
      },
      true,
    )
    addEventListener(
      'input',
      ({ target }) => {
        if (target === null || seen.has(target)) return
        const types = ['checkbox', 'radio']
        if (target instanceof HTMLSelectElement) return
        if (target instanceof HTMLInputElement && types.includes(target.type)) return
        seen.add(target)
        report('typed', nameOf(target))
      },
      true,
    )
  })
  return effort
}

export function describeEffort({ clicks, typed }: Effort): string {
  const acts = [...clicks, ...typed.map((field) => `typed: ${field}`)].join(' > ')
  return `${clicks.length} clicks, ${typed.length} typed fields (${acts})`
}
