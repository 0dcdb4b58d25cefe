import { expect, it } from 'vitest'
import { everyLook, expectClean } from './checks.ts'
import { NO_SESSION, openConsole } from './console.ts'
import { type Mailboxes, saveMailboxes } from './mailboxes.ts'
import { browserWorld } from './world.ts'

let mailboxes: Mailboxes
const world = browserWorld({ without: ['third-party'] }, async (world) => {
  mailboxes = await saveMailboxes(world)
})

const page = async (id: string) => {
  const { data } = await world.api.expect(200, 'GET', `/v1/grants?username=${id}`)
  return data
}

it('lets a person have Microsoft asked again, once a minute', async () => {
  const shown = await openConsole(world, `#/mailboxes/${mailboxes.disconnected}`)
  const region = shown.getByRole('region', { name: 'What is wrong' })
  await region.getByText('Helps if the account was locked or disabled').waitFor()
  const [grant] = (await page('erin@contoso.test')) as { status: string }[]
  expect(grant).toMatchObject({ status: 'reconnect_required' })

  await region.getByRole('button', { name: 'Ask again' }).click()
  await region.getByText('Microsoft was asked about this sign-in less than a minute ago.').waitFor()
  await everyLook(shown, 'ask-again')
  expectClean(shown, { consoleErrors: new RegExp(`${NO_SESSION.source}|429`) })
})

it('is not offered while the mailbox works', async () => {
  const shown = await openConsole(world, `#/mailboxes/${mailboxes.works}`)
  await shown
    .getByText(/^Validated /)
    .first()
    .waitFor()
  expect(await shown.getByRole('button', { name: 'Ask again' }).count()).toBe(0)
})
