import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import {
  finishIn,
  openExample,
  pressConnect,
  resultOf,
  setUpConsented,
  signInAt,
} from './example-page.ts'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

let world: BrowserWorld
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['checker', 'mail'] })
})
afterAll(() => world?.stop())

describe('a page of a third party, on another site', () => {
  it('explains why a sign-in cannot start', async () => {
    const page = await openExample(world)
    await page.getByRole('button', { name: 'Connect mailbox' }).click()
    await resultOf(page).getByText('The Microsoft integration is switched off.').waitFor()
    await everyLook(page, 'third-party-refused')
    expectClean(page, { origins: [world.urls.api], consoleErrors: /connection/ })
  })

  it('connects a mailbox in a popup, and is correct in every look before and after', async () => {
    await setUpConsented(world)
    const page = await openExample(world)
    await everyLook(page, 'third-party-start')
    const popup = await pressConnect(page)
    expect(await popup.getByText(world.urls.thirdParty).count()).toBe(1)
    await finishIn(popup, 'alice@contoso.test')
    await resultOf(page).getByText('Connected as alice@contoso.test').waitFor()
    await everyLook(page, 'third-party-connected')
    expectClean(page, { origins: [world.urls.api] })
  })

  it('works with the keyboard alone', async () => {
    await setUpConsented(world)
    const page = await openExample(world)
    await page.keyboard.press('Tab')
    await page.keyboard.type('grace@outlook.test')
    await page.keyboard.press('Tab')
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')])
    await popup.getByRole('button', { name: 'Continue to Microsoft' }).waitFor()
    await signInAt(popup, 'grace@outlook.test')
    await popup.getByRole('button', { name: 'Accept' }).press('Enter')
    await resultOf(page).getByText('Connected as grace@outlook.test').waitFor()
  })

  it("cannot read another browser's connection", async () => {
    await setUpConsented(world)
    const page = await openExample(world)
    await finishIn(await pressConnect(page), 'alice@contoso.test')
    await resultOf(page).getByText('Connected as').waitFor()
    const stranger = await openExample(world)
    await stranger.goto(`${world.urls.thirdParty}/?authorization=az_1&status=completed`)
    await resultOf(stranger).getByText('Not connected').waitFor()
    expect(await resultOf(stranger).textContent()).not.toContain('alice')
  })
})
