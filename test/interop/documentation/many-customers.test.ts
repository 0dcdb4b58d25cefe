/**
 * A vendor's day with the programs of the guides: two customers share one app registration, and nothing else. The
 * owners of mailboxes sign in by links that are sent to them, and a thief gets nothing.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Api, createApi } from '../../journeys/api.ts'
import { logInOverImap } from '../../journeys/imap-login.ts'
import { signIn } from '../../journeys/sandbox-client.ts'
import { type ConfiguredDemo, startConfiguredDemo } from '../configured-demo.ts'
import { type Desk, startDesk } from './desk.ts'
import { codeOf, createWorkshop, type Workshop } from './programs.ts'

const ALICE = 'alice@contoso.test'
/** A user who needs an administrator to consent. */
const DAVE = 'dave@contoso.test'
const GRACE = 'grace@outlook.test'

/** Programs that run for a customer: the desk sends links with one key, the worker reads mail with another. */
type Customer = {
  /** Calls the API with the key of the desk. */
  backend: Api
  /** Path of that key. */
  key: string
  desk: Desk
  worker: Api
  /** Path of the customer's own webhook. */
  webhook: string
}

let world: ConfiguredDemo
let api: Api
let workshop: Workshop
const desks: Desk[] = []
beforeAll(async () => {
  world = await startConfiguredDemo('checker', 'third-party')
  api = world.api
  workshop = await createWorkshop()
})
afterAll(async () => {
  for (const desk of desks) await desk.stop()
  await workshop?.remove()
  await world?.demo.stop()
})

/** Creates the first key as the guide does, and the rest with it. */
async function addCustomer(customer: string): Promise<Customer> {
  const { urls, rootApiKey } = world.demo
  const call = (await codeOf('many-customers', 'sh'))
    .replace('https://mail.example.com', urls.api)
    .replaceAll('4711', customer)
  const { output } = await workshop.run('sh', call, { key: rootApiKey })
  const { id, key } = JSON.parse(output)
  const backend = createApi(urls.api, key)
  const webhook = await backend.expect(201, 'POST', '/v1/webhooks', {
    url: `https://customer-${customer}.example/hooks`,
    events: ['authorization.completed'],
  })
  const worker = { name: `${customer}: worker`, scopes: ['tokens'], customer }
  const created = await api.expect(201, 'POST', '/v1/api-keys', worker)
  const desk = await startDesk(world, key)
  desks.push(desk)
  return {
    backend,
    key: `/v1/api-keys/${id}`,
    desk,
    worker: createApi(urls.api, String(created.key)),
    webhook: `/v1/webhooks/${webhook.id}`,
  }
}

/** Signs in as the person, and returns the title of the last page. */
const open = async (link: string, person: string) => (await signIn(link, person, api)).page.title

/** Sends a link by mail, with which the owner of the mailbox signs in. Returns the path of its access token. */
async function connect({ desk, backend }: Customer, mailbox: string): Promise<string> {
  const link = await desk.sentLink(mailbox, mailbox)
  await open(link, mailbox)
  await desk.said(`${new URL(link).searchParams.get('authorization')} connected`)
  const accounts = `/v1/mail-accounts?username=${mailbox}&protocol=imap`
  const { data } = await backend.expect(200, 'GET', accounts)
  const [account] = data as { id: string }[]
  return `/v1/mail-accounts/${account?.id}/access-token`
}

/** Opens the inbox, with nothing but the worker's key. */
const readMail = async ({ worker }: Customer, path: string) =>
  logInOverImap(await worker.expect(200, 'POST', path, {}), world.admin.facts().ca)

/** Returns the mailboxes in the messages to the customer's own webhook, the latest first. */
async function messagesTo({ backend, webhook }: Customer) {
  const { data } = await backend.expect(200, 'GET', `${webhook}/deliveries`)
  return (data as { payload: string }[]).map(({ payload }) => JSON.parse(payload).data.username)
}

it('serves two customers from their first mailbox until one of them leaves', async () => {
  const [first, second] = [await addCustomer('4711'), await addCustomer('4712')]

  // The administrator of the first organisation consents for everyone in it.
  const consent = '/v1/integrations/microsoft/admin-consent'
  const { url } = await first.backend.expect(201, 'POST', consent, { tenant: 'contoso.test' })
  expect(await open(String(url), 'admin@contoso.test')).toBe('Consent received')

  // A thief signs in with his own account.
  const stolen = await first.desk.sentLink(DAVE, DAVE)
  expect(await open(stolen, 'bob@contoso.test')).toBe('A different account signed in')
  await first.desk.said(`bob@contoso.test signed in, not ${DAVE}`)
  expect((await api.expect(200, 'GET', '/v1/grants')).data).toEqual([])

  // Each owner gets a link by mail, and each worker reads what is its customer's.
  const dave = await connect(first, DAVE)
  const grace = await connect(second, GRACE)
  await readMail(first, dave)
  await readMail(second, grace)
  await second.worker.expect(404, 'POST', dave, {})

  // A mailbox is added without touching the worker. The other customer cannot have one of this organisation.
  await readMail(first, await connect(first, ALICE))
  const foreign = await second.desk.sentLink('carol', 'carol@contoso.test')
  const title = await open(foreign, 'carol@contoso.test')
  expect(title).toBe('This organisation belongs to another customer')
  await second.desk.said('already has mailboxes here under another customer')
  expect(await messagesTo(first)).toEqual([ALICE, DAVE])
  expect(await messagesTo(second)).toEqual([GRACE])

  // A key may do less from now on, and so may the link that it has sent. The worker has its own.
  const sent = await second.desk.sentLink(GRACE, GRACE)
  const { body, headers } = await api.call('GET', second.key)
  const version = { 'if-match': String(headers.get('etag')) }
  await api.expect(200, 'PUT', second.key, { ...body, scopes: ['read'] }, version)
  expect(await second.desk.ask(GRACE, GRACE)).toBe(503)
  expect(await open(sent, GRACE)).toBe('The link no longer works')
  await readMail(second, grace)

  // The first customer is suspended, and everything works again afterwards.
  const customer = '/v1/customers/4711'
  const waiting = await first.desk.sentLink(DAVE, DAVE)
  await api.expect(200, 'POST', `${customer}/suspend`)
  const { code } = await first.worker.expect(409, 'POST', dave, {})
  expect(code).toBe('customer_suspended')
  expect(await first.desk.ask(DAVE, DAVE)).toBe(503)
  expect(await open(waiting, DAVE)).toBe('The link no longer works')
  await readMail(second, grace)
  await api.expect(200, 'POST', `${customer}/resume`)
  expect(await open(waiting, DAVE)).toBe('Signed in')
  await readMail(first, dave)
  const { data: reconnected } = await api.expect(200, 'GET', '/v1/grants?customer=4711')
  expect(reconnected).toMatchObject([{ signed_in_as: ALICE }, { signed_in_as: DAVE }])

  // The customer leaves, and nothing of it stays but one event.
  const { data: listed } = await api.expect(200, 'GET', '/v1/customers')
  expect(listed).toMatchObject([
    { customer: '4711', mail_accounts: 4 },
    { customer: '4712', mail_accounts: 2 },
  ])
  await api.expect(409, 'DELETE', `${customer}?confirm=1`)
  await api.expect(204, 'DELETE', `${customer}?confirm=4`)
  await first.worker.expect(401, 'POST', dave, {})
  await first.backend.expect(401, 'GET', '/v1/mail-accounts')
  for (const list of ['mail-accounts', 'grants', 'authorizations', 'webhooks', 'events']) {
    const { data } = await api.expect(200, 'GET', `/v1/${list}?customer=4711`)
    expect(data, list).toEqual([])
  }
  const { data: events } = await api.expect(200, 'GET', '/v1/events?type=customer.deleted')
  expect(events).toMatchObject([{ subject: '4711', data: { mail_accounts: 4, api_keys: 2 } }])
  await readMail(second, grace)
})
