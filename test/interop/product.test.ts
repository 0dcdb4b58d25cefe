/** Tests the main workflow of the whole product against third-party servers. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accountForm,
  beginSignIn,
  configure,
  getAuthorization,
  issueAccessToken,
  obtainGrant,
  saveAccount,
} from './journey.ts'
import { openInbox, sendMail } from './mail-worker.ts'
import { olga, pavel } from './people.ts'
import { type Product, startProduct } from './product.ts'
import { completeForms } from './sign-in.ts'

let product: Product
let ca: string

beforeAll(async () => {
  product = await startProduct()
  ca = await readFile(product.world.caFile, 'utf8')
  await configure(product)
})

afterAll(async () => {
  await product?.stop()
})

const exchanges = () =>
  product.world.oidc.tokenCalls.filter(({ grantType }) => grantType === 'authorization_code')

describe('signing in at the strict server', () => {
  it('creates a grant for both protocols', async () => {
    const { id, browser, form } = await beginSignIn(product, olga)
    const page = await completeForms(browser, form, olga)
    expect(page.text).toContain(olga.username)
    expect(await getAuthorization(product, id)).toMatchObject({
      status: 'completed',
      grant: {
        status: 'unsaved',
        signed_in_as: olga.username,
        tenant_id: product.world.oidc.tenant,
        protocols: ['imap', 'smtp'],
      },
    })
  })

  it('shows a readable page if consent is declined', async () => {
    const { id, browser, form } = await beginSignIn(product, olga)
    const consent = await browser.submit(form, { username: olga.username })
    const before = exchanges().length
    const page = await browser.submit(consent, { decline: 'yes' })
    expect(page.url).toContain('error=access_denied')
    expect(page.title).not.toBe('')
    expect(await getAuthorization(product, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'sign_in_refused' },
    })
    expect(exchanges()).toHaveLength(before)
  })
})

describe('a mailbox on Dovecot and Postfix', () => {
  it('can be validated, saved, and used by a mail program with an issued token', async () => {
    const { imapTls, imapStarttls, smtpStarttls } = product.world.servers
    const grant = await obtainGrant(product, olga)
    for (const server of [imapTls, imapStarttls, smtpStarttls]) {
      const form = accountForm(olga, server, grant)
      expect(await product.call('POST', '/v1/validations', form)).toMatchObject({
        status: 201,
        body: { outcome: 'passed', mechanism: 'XOAUTH2', identity: olga.username },
      })
    }
    const imap = await saveAccount(product, olga, imapTls, grant)
    const smtp = await saveAccount(product, olga, smtpStarttls, grant)
    expect(await product.call('GET', `/v1/mail-accounts/${imap}`)).toMatchObject({
      body: { health: 'ok', grant: { status: 'active' } },
    })

    const reader = await issueAccessToken(product, imap)
    expect(reader.access_token).toHaveLength(2400)
    expect(await openInbox(reader, ca)).toEqual(['OK', 'OK', 'OK'])
    const sender = await issueAccessToken(product, smtp)
    expect(await sendMail(sender, pavel.username, ca)).toEqual([pavel.username])
  })
})

it('causes no error in the strict server', () => {
  expect(product.world.oidc.errors).toEqual([])
})
