import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { finishIn, openExample, pressConnect, resultOf, setUpConsented } from './example-page.ts'
import { type BrowserWorld, startBrowserWorld } from './world.ts'

let world: BrowserWorld
beforeAll(async () => {
  world = await startBrowserWorld({ without: ['checker', 'mail'] })
})
afterAll(() => world?.stop())

describe('a page of a third party, on another site', () => {
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
