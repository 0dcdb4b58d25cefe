/** Checks for every page. Each failure names what it found. */
import { mkdir } from 'node:fs/promises'
import axe from 'axe-core'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { full } from '../sample.ts'
import type { Scheme } from './browser.ts'
import { watchOf } from './page-errors.ts'

export type Look = { width: number; scheme: Scheme }

/** A laptop in the light; with FULL=true a small phone too, and both in the dark; more widths for screenshots. */
const widths = full
  ? process.env.SCREENSHOTS === '1'
    ? [1280, 375, 768, 1920]
    : [1280, 375]
  : [1280]
const schemes = full ? (['light', 'dark'] as const) : (['light'] as const)
export const looks: readonly Look[] = widths.flatMap((width) =>
  schemes.map((scheme) => ({ width, scheme })),
)

const SCREENSHOTS = new URL('screenshots/', import.meta.url).pathname

/** Runs the axe-core rules for WCAG 2.2 A and AA, and its best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated through the debugger, since the page's own policy forbids injected scripts.
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
  const { content, available, widest } = await page.evaluate(() => {
    const root = document.documentElement
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + 1,
    )
    return {
      content: root.scrollWidth,
      available: root.clientWidth,
      widest: wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 200)),
    }
  })
  const found = content > available ? widest : []
  expect(content, `${page.url()} scrolls sideways: ${found.join('\n')}`).toBeLessThanOrEqual(
    available,
  )
}

export type Allowed = {
  /** Other origins that this page may request. */
  origins?: readonly string[]
  /** Console errors that the test itself causes, such as the 401 of an ended session. */
  consoleErrors?: RegExp
}

/** Expects no console error, uncaught error or request to another origin since the page was opened. */
export function expectClean(page: Page, allowed: Allowed = {}): void {
  const { consoleErrors, pageErrors, foreignRequests } = watchOf(page)
  const foreign = foreignRequests.filter(({ to }) => !allowed.origins?.includes(new URL(to).origin))
  const faults = [
    ...consoleErrors.filter((text) => !allowed.consoleErrors?.test(text)),
    ...pageErrors,
    ...foreign.map(({ from, to }) => `${from} requests ${to}`),
  ]
  expect(faults, `${page.url()}: ${faults.slice(0, 3).join('; ')}`).toEqual([])
}

/** Waits for transitions to end, since axe would check their intermediate colours. */
const waitForTransitions = (page: Page) =>
  page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => resolve(null)))
    const finite = document.getAnimations().filter(({ effect }) => {
      // Inside a closed <details> they do not run, and never finish.
      const isShown = effect instanceof KeyframeEffect && effect.target?.checkVisibility()
      return isShown && effect.getComputedTiming().endTime !== Number.POSITIVE_INFINITY
    })
    await Promise.allSettled(finite.map((each) => each.finished))
  })

/** Writes `<name>-<width>-<scheme>.png` when `SCREENSHOTS=1`. */
export async function screenshot(page: Page, name: string, look: Look): Promise<void> {
  if (process.env.SCREENSHOTS !== '1') return
  await mkdir(SCREENSHOTS, { recursive: true })
  // Otherwise sticky elements would appear in the middle of the screenshot.
  const stick = (position: string) =>
    page.evaluate((to) => {
      scrollTo(0, 0)
      document.querySelector<HTMLElement>('.save-bar')?.style.setProperty('position', to)
    }, position)
  await stick('static')
  const path = `${SCREENSHOTS}${name}-${look.width}-${look.scheme}.png`
  await page.screenshot({ path, fullPage: true })
  await stick('')
}

/** Shows the page in every look, runs `check` in each, and restores the initial look. */
export async function everyLook(
  page: Page,
  name: string,
  check: (page: Page, look: Look) => Promise<void> = expectGoodLook,
): Promise<void> {
  const before = page.viewportSize()
  for (const look of looks) {
    await page.setViewportSize({ width: look.width, height: look.width < 600 ? 812 : 800 })
    await page.emulateMedia({ colorScheme: look.scheme })
    await waitForTransitions(page)
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

/** Returns true if the element, or its pseudo-element, keeps its background where the system replaces all colours. */
export async function hasOwnColour(page: Page, element: Locator, pseudo?: string) {
  const background = () =>
    element.evaluate((each, name) => getComputedStyle(each, name).backgroundColor, pseudo)
  const usual = await background()
  await page.emulateMedia({ forcedColors: 'active' })
  const forced = await background()
  await page.emulateMedia({ forcedColors: null })
  return forced === usual
}
