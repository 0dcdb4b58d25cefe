/** A person without a mouse: presses Tab to reach an element. Every focused element must be visible. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export type Stop = {
  name: string
  /** True inside `main`. */
  inMain: boolean
  /** Distance from the top of the page in pixels. */
  y: number
  visible: boolean
  /** True if a focus indicator is visible. */
  shown: boolean
}

/** Largest difference in height between fields of the same row. */
const ROW_PX = 90

/** Reads the focused element. The name comes from its label or text, as in a screen reader. */
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
 * Presses Tab until `name` has the focus, and returns all focused elements. Each must be visible with a
 * focus indicator, and the focus must not move back up the page.
 */
export async function tabTo(page: Page, name: string | RegExp, maxPresses = 60): Promise<Stop[]> {
  const matches = (stop: Stop) =>
    typeof name === 'string' ? stop.name === name : name.test(stop.name)
  const stops: Stop[] = []
  for (let presses = 0; presses < maxPresses; presses += 1) {
    await page.keyboard.press('Tab')
    const stop = await focused(page)
    if (stop === null) continue
    const before = stops.at(-1)
    stops.push(stop)
    if (before?.inMain && stop.inMain) {
      const order = `"${stop.name}" comes after "${before.name}" at ${page.url()}`
      expect(stop.y, order).toBeGreaterThan(before.y - ROW_PX)
    }
    expect(stop, `the focus on "${stop.name}" at ${page.url()}`).toMatchObject({
      visible: true,
      shown: true,
    })
    if (matches(stop)) return stops
  }
  const names = stops.map((stop) => stop.name).join(' > ')
  throw new Error(`Tab does not reach ${String(name)} at ${page.url()}: ${names}`)
}
