/** A person without a mouse: Tab to what is wanted, then press a key. Every stop must be seen. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export type Stop = {
  name: string
  /** Whether it is part of the page proper, and how far down. */
  inMain: boolean
  y: number
  visible: boolean
  /** Marked as what has the focus. */
  shown: boolean
}

/** Fields side by side are not on the very same height. Pixels. */
const ONE_ROW = 90

/** Names of elements are those a screen reader would say, as far as labels and text give them. */
const readStop = () => {
  const element = document.activeElement as HTMLElement | null
  if (element === null || element === document.body) return null
  const labels = (element as HTMLInputElement).labels
  const text = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent
  const box = element.getBoundingClientRect()
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
  return {
    name: (text ?? '').trim().replace(/\s+/g, ' '),
    inMain: element.closest('main') !== null,
    y: Math.round(box.top + scrollY),
    visible: box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0,
    shown: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none',
  }
}

export const focused = (page: Page): Promise<Stop | null> => page.evaluate(readStop)

/**
 * Presses Tab until `name` has the focus, and returns the stops on the way. Each must be in sight and
 * marked, and the way may not lead back up the page.
 */
export async function tabTo(page: Page, name: string | RegExp, most = 60): Promise<Stop[]> {
  const fits = (stop: Stop) =>
    typeof name === 'string' ? stop.name === name : name.test(stop.name)
  const stops: Stop[] = []
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press('Tab')
    const stop = await focused(page)
    if (stop === null) continue
    const before = stops.at(-1)
    stops.push(stop)
    if (before?.inMain && stop.inMain) {
      const order = `"${stop.name}" comes after "${before.name}" at ${page.url()}`
      expect(stop.y, order).toBeGreaterThan(before.y - ONE_ROW)
    }
    expect(stop, `the focus on "${stop.name}" at ${page.url()}`).toMatchObject({
      visible: true,
      shown: true,
    })
    if (fits(stop)) return stops
  }
  const way = stops.map((stop) => stop.name).join(' > ')
  throw new Error(`Tab does not lead to ${String(name)} at ${page.url()}: ${way}`)
}
