/** What holds on every page, whatever it shows. Each check names what it found. */
import { mkdir } from 'node:fs/promises'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Scheme } from './browser.ts'
import { watchOf } from './watch.ts'

export type Look = { width: number; scheme: Scheme }

/** A small phone and a laptop, by day and by night. */
export const looks: readonly Look[] = [
  { width: 375, scheme: 'light' },
  { width: 375, scheme: 'dark' },
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
]

const SCREENSHOTS = new URL('screenshots/', import.meta.url).pathname

/** axe-core's rules: those of WCAG 2.2 A and AA, and its best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  // Run by the debugger, as the page's own policy forbids scripts in it.
  await page.evaluate(`typeof axe === 'undefined' && ${axe.source}; 0`)
  const violations = await page.evaluate(async () => {
    const runner = (globalThis as unknown as { axe: typeof axe }).axe
    const result = await runner.run(document, { resultTypes: ['violations'] })
    return result.violations.map(({ id, help, nodes }) => ({
      rule: `${id}: ${help}`,
      where: nodes.map((node) => `${node.html} | ${node.failureSummary ?? ''}`),
    }))
  })
  const rules = violations.map(({ rule }) => rule).join('; ')
  expect(violations, `axe-core at ${page.url()}: ${rules}`).toEqual([])
}

export async function expectNoSideScroll(page: Page): Promise<void> {
  const { content, room, widest } = await page.evaluate(() => {
    const root = document.documentElement
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + 1,
    )
    return {
      content: root.scrollWidth,
      room: root.clientWidth,
      widest: wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 200)),
    }
  })
  const found = content > room ? widest : []
  expect(content, `${page.url()} scrolls sideways: ${found.join('\n')}`).toBeLessThanOrEqual(room)
}

export type Allowed = {
  /** Origins that this page may ask besides its own. */
  origins?: readonly string[]
  /** Console errors that belong to what the test does, such as the 401 of a session that ended. */
  consoleErrors?: RegExp
}

/** No console error, no uncaught error, and no request to another origin since the page was made. */
export function expectClean(page: Page, allowed: Allowed = {}): void {
  const { consoleErrors, pageErrors, foreignRequests } = watchOf(page)
  const foreign = foreignRequests.filter(({ to }) => !allowed.origins?.includes(new URL(to).origin))
  const faults = [
    ...consoleErrors.filter((text) => !allowed.consoleErrors?.test(text)),
    ...pageErrors,
    ...foreign.map(({ from, to }) => `${from} asks for ${to}`),
  ]
  expect(faults, `${page.url()}: ${faults.slice(0, 3).join('; ')}`).toEqual([])
}

/** Transitions hold colours that belong to neither look; axe would judge them. */
const settled = (page: Page) =>
  page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => resolve(null)))
    const finite = document
      .getAnimations()
      .filter((each) => each.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
    await Promise.allSettled(finite.map((each) => each.finished))
  })

/** Writes `<name>-<width>-<scheme>.png` when `SCREENSHOTS=1`. */
export async function screenshot(page: Page, name: string, look: Look): Promise<void> {
  if (process.env.SCREENSHOTS !== '1') return
  await mkdir(SCREENSHOTS, { recursive: true })
  // What sticks to the top of the window would stand somewhere in the middle of the picture.
  await page.evaluate(() => scrollTo(0, 0))
  const path = `${SCREENSHOTS}${name}-${look.width}-${look.scheme}.png`
  await page.screenshot({ path, fullPage: true })
}

/** Puts one page, as it stands, into every look and runs `check` in each. The first look comes last. */
export async function everyLook(
  page: Page,
  name: string,
  check: (page: Page, look: Look) => Promise<void> = expectGoodLook,
): Promise<void> {
  const before = page.viewportSize()
  for (const look of looks) {
    await page.setViewportSize({ width: look.width, height: look.width < 600 ? 812 : 800 })
    await page.emulateMedia({ colorScheme: look.scheme })
    await settled(page)
    await screenshot(page, name, look)
    await check(page, look)
  }
  if (before) await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: null })
}

export async function expectGoodLook(page: Page): Promise<void> {
  await expectNoSideScroll(page)
  await expectAccessible(page)
}
