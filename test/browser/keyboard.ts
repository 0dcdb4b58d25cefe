/** A person without a mouse: presses Tab to reach an element. Every focused element must be visible. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { arrived } from './console.ts'
import type { BrowserWorld } from './world.ts'

export type Stop = {
  name: string
  /** True inside `main`. */
  inMain: boolean
  /** Distances from the left and the top of the page in pixels. */
  x: number
  y: number
  visible: boolean
  /** True if a focus indicator is visible. */
  shown: boolean
}

/** Largest difference in height between fields of the same row. */
const ROW_PX = 90

/** Smallest distance of a second column, which begins at the top again. */
const COLUMN_PX = 300

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
    x: Math.round(box.left + scrollX),
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
    if (before?.inMain && stop.inMain && stop.x - before.x < COLUMN_PX) {
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

/** Reaches `name` with Tab and presses a key on it. */
export async function press(page: Page, name: string | RegExp, key = 'Enter'): Promise<void> {
  await tabTo(page, name, 120)
  await page.keyboard.press(key)
}

/** Waits until `name` has the focus, in sight. */
export const expectFocus = (page: Page, name: string | RegExp) =>
  expect
    .poll(() => focused(page))
    .toMatchObject({
      name: typeof name === 'string' ? name : expect.stringMatching(name),
      visible: true,
    })

/** Presses arrow keys until the focused select shows the option. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  const select = page.getByLabel(label, { exact: true })
  const options = (await select.locator('option').allTextContents()).map((text) => text.trim())
  expect(options).toContain(option)
  await page.keyboard.press('Home')
  for (let index = 0; index < options.indexOf(option); index += 1) {
    await page.keyboard.press('ArrowDown')
  }
  expect(await select.locator('option:checked').textContent()).toBe(option)
}

/** Presses Tab from the sign-in with Microsoft, which has the initial focus where it is offered, to the field for the key. */
export async function toKeyField(page: Page): Promise<void> {
  await page.getByLabel('API key').waitFor()
  const microsoft = page.getByRole('link', { name: 'Sign in with Microsoft' })
  if (await microsoft.isVisible()) {
    await expectFocus(page, /^Sign in with Microsoft/)
    await page.keyboard.press('Tab')
  }
  await expectFocus(page, 'API key')
}

/** Signs in by keyboard, with the root key. */
export async function enter(world: BrowserWorld, fragment: string): Promise<Page> {
  const page = await world.newPage()
  await page.goto(`${world.urls.api}/console/${fragment}`)
  await toKeyField(page)
  await page.keyboard.type(world.rootKey)
  await page.keyboard.press('Enter')
  await arrived(page)
  return page
}

/** Presses Enter on a link and waits for its page, whose heading then has the focus. */
export async function follow(page: Page, link: string | RegExp, heading: string): Promise<void> {
  await press(page, link)
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await expectFocus(page, heading)
}
