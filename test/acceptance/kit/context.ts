/** The environment of a step: the product, Microsoft, the person, and a place for what it found. */
import { randomBytes } from 'node:crypto'
import type { MailServer } from '../../../schema/mail-servers.ts'
import type { Schemas } from '../../examples/client.ts'
import { type Api, createApi } from '../../journeys/api.ts'
import type { AssumptionId } from '../assumptions.ts'
import { type ChangeId, changeOf } from './changes.ts'
import type { Dial } from './mail-dialogue.ts'
import type { Person } from './person.ts'
import type { Product } from './product.ts'
import type { Progress } from './progress.ts'
import type { Exchange, Recorder } from './recorder.ts'
import { member, readJwt } from './responses.ts'

/** The addresses of Microsoft. */
export type Target = {
  login: string
  /** Base of the calls of Graph. */
  graph: string
  imap: MailServer
  smtp: MailServer
  smtpPersonal: MailServer
  dial: Dial
  /** Milliseconds between two looks at something that a person changed. */
  pauseMs: number
}

export type Need = 'work' | 'personal' | 'admin' | 'public-url'

type Protocol = Schemas['Protocol']

export type Kit = ReturnType<typeof createKit>

export type KitOptions = {
  target: Target
  product: Product
  rootKey: string
  recorder: Recorder
  person: Person
  progress: Progress
  /** Writes the progress down. */
  save: () => void
  /** Folder of the run. */
  folder: string
  /** True if the person has said that the tenant is for trials, although it has more than 50 users. */
  notProduction: boolean
  /** Needs and steps that are left out. */
  skip: readonly string[]
}

/** Age after which a token is replaced, since a change in Exchange can take longer than it lives. */
const TOKEN_AGE_MS = 30 * 60_000

/** Tenants with more users are not for trials. */
const MOST_USERS = 50

export class StepFailed extends Error {}

/** Ends the step, with a sentence for the report. */
export function fail(message: string): never {
  throw new StepFailed(message)
}

export const OUTLOOK = ['imap', 'smtp'] as const satisfies readonly Protocol[]

export function createKit(options: KitOptions) {
  const { target, product, recorder, person, progress, save } = options
  const api: Api = createApi(product.url, options.rootKey)
  /** Grants of this process, whose refresh tokens are still in memory. */
  const grants = new Map<string, string>()
  /** Redemptions of their codes. */
  const signIns = new Map<string, Exchange>()
  let isTrialTenant = false

  /** Returns a value of the run, and asks for it once. */
  async function fact(name: string, what: string): Promise<string> {
    const known = progress.facts[name]
    if (known !== undefined) return known
    const value = await person.ask({ do: 'tell', what, name })
    progress.facts[name] = value
    save()
    return value
  }

  const addressOf = (account: 'work' | 'personal') =>
    fact(`${account} address`, `The address of the ${account} account, whose mailbox may be tested`)

  const scopeAt = (resource: 'outlook' | 'graph', ...names: readonly string[]) =>
    names
      .map(
        (name) =>
          `https://${resource === 'graph' ? 'graph.microsoft.com' : 'outlook.office.com'}/${name}`,
      )
      .join(' ')

  /** Returns the exchanges with the token endpoint, oldest first. */
  const tokenExchanges = () =>
    recorder.exchanges.filter(({ url }) => url.pathname.endsWith('/oauth2/v2.0/token'))

  /** Sends a form to a path of the login host. */
  async function post(
    path: string,
    form: URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Exchange> {
    await product.fetch(`${target.login}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: form.toString(),
    })
    return recorder.exchanges.at(-1) ?? fail('nothing was recorded')
  }

  /** Sends a body to Graph. */
  async function postTo(
    url: string,
    body: string,
    headers: Record<string, string>,
  ): Promise<Exchange> {
    await product.fetch(url, { method: 'POST', headers, body })
    return recorder.exchanges.at(-1) ?? fail('nothing was recorded')
  }

  async function get(url: string, headers: Record<string, string> = {}): Promise<Exchange> {
    await product.fetch(url, { headers })
    return recorder.exchanges.at(-1) ?? fail('nothing was recorded')
  }

  /** Repeats a token request with other values. Null leaves a parameter out. */
  function repeat(
    { url, form }: Exchange,
    changed: Record<string, string | null>,
    { tenant, headers }: { tenant?: string; headers?: Record<string, string> } = {},
  ): Promise<Exchange> {
    const copy = new URLSearchParams(form)
    for (const [name, value] of Object.entries(changed)) {
      if (value === null) copy.delete(name)
      else copy.set(name, value)
    }
    const path = tenant === undefined ? url.pathname : `/${tenant}/oauth2/v2.0/token`
    return post(path, copy, headers)
  }

  return {
    target,
    api,
    recorder,
    person,
    folder: options.folder,
    skips: (need: Need) => options.skip.includes(need),
    fact,
    addressOf,
    scopeAt,
    tokenExchanges,
    post,
    postTo,
    get,
    repeat,

    /** Notes what was expected and what was seen. */
    observe(assumption: AssumptionId, expected: string, saw: string): void {
      progress.findings.push({ assumption, expected, saw })
    },

    /** Returns the app's own token request, which the verification of its credential sends. */
    async appRequest(): Promise<Exchange> {
      const isOfApp = ({ form }: Exchange) => form.get('grant_type') === 'client_credentials'
      const sent = tokenExchanges().find(isOfApp)
      if (sent) return sent
      await api.call('POST', '/v1/integrations/microsoft/settings/verify', {})
      return tokenExchanges().find(isOfApp) ?? fail('the credential was not verified')
    },

    /**
     * Signs in, unless this process has the tokens of such a sign-in. Returns the redemption of the code. `protocols`
     * are those of the consent.
     */
    async signIn(
      account: 'work' | 'personal',
      protocols: readonly Protocol[] = OUTLOOK,
      { again = false, press = 'accept' as 'accept' | 'cancel' } = {},
    ): Promise<{
      exchange: Exchange | undefined
      grant: string | undefined
      callback: URL | undefined
    }> {
      const key = `${account} ${protocols.join(' ')}`
      const redeemed = () =>
        tokenExchanges().findLast(({ form }) => form.get('grant_type') === 'authorization_code')
      if (!again && grants.has(key)) {
        return { exchange: signIns.get(key), grant: grants.get(key), callback: undefined }
      }
      const username = await addressOf(account)
      const before = [redeemed(), recorder.callbacks.length] as const
      const { id, url } = await api.expect(201, 'POST', '/v1/authorizations', {
        provider: 'microsoft',
        username,
        protocols,
        expires_in: 3600,
      })
      await person.ask({ do: 'open', url: String(url), as: account, press })
      const state = await api.expect(200, 'GET', `/v1/authorizations/${id}`)
      const exchange = redeemed() === before[0] ? undefined : redeemed()
      const callback =
        recorder.callbacks.length === before[1] ? undefined : recorder.callbacks.at(-1)?.url
      const grant = (state.grant as { id?: string } | null)?.id
      // A request with an assertion cannot be repeated.
      if (grant !== undefined && exchange?.form.has('client_secret')) {
        grants.set(key, grant)
        signIns.set(key, exchange)
      }
      return { exchange, grant, callback }
    },

    /** Returns a request that refreshes a sign-in, for one resource, as the product sends it. It was not sent yet. */
    refreshForm(exchange: Exchange, scope: string): Exchange {
      const { refresh_token: refreshToken } = (exchange.json ?? {}) as Record<string, string>
      const form = new URLSearchParams(exchange.form)
      for (const name of ['code', 'redirect_uri', 'code_verifier']) form.delete(name)
      form.set('grant_type', 'refresh_token')
      form.set('refresh_token', refreshToken ?? '')
      form.set('scope', `${scope} offline_access openid profile`)
      return { ...exchange, form }
    },

    /** Returns an access token of a sign-in for Outlook, and a new one after half an hour. */
    async outlookToken(account: 'work' | 'personal'): Promise<string> {
      const { exchange } = await this.signIn(account)
      if (!exchange) fail('there is no sign-in')
      if (Date.now() - exchange.at < TOKEN_AGE_MS) return member(exchange, 'access_token')
      const tenant = String(readJwt(member(exchange, 'id_token'))?.claims.tid)
      const scope = scopeAt('outlook', 'IMAP.AccessAsUser.All', 'SMTP.Send')
      const form = this.refreshForm(exchange, scope)
      return member(await repeat(form, {}, { tenant }), 'access_token')
    },

    /** Validates a mailbox with a grant, as the console does. */
    async validate(protocol: Protocol, grant: string, username: string, more: object = {}) {
      const server = { imap: target.imap, smtp: target.smtp, graph_send: null }[protocol]
      return await api.expect(201, 'POST', '/v1/validations', {
        owner: { type: 'department', id: 'acceptance' },
        protocol,
        ...server,
        username,
        authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant },
        ...more,
      })
    },

    /** Has an administrator change something. What undoes it is written down first. */
    async change(
      id: ChangeId,
      values: { mailbox?: string; issuer?: string; subject?: string } = {},
    ) {
      await this.requireTrialTenant()
      const change = changeOf(id, {
        clientId: progress.facts['client id'] ?? '(client ID)',
        mailbox: values.mailbox ?? '(mailbox)',
        folder: options.folder,
        issuer: values.issuer ?? '',
        subject: values.subject ?? '',
      })
      progress.changed.push(change)
      save()
      await person.ask({ do: 'change', change, back: false })
    },

    async undo(id: ChangeId): Promise<void> {
      const change = progress.changed.findLast((one) => one.id === id)
      if (!change) return
      await person.ask({ do: 'change', change, back: true })
      progress.changed.splice(progress.changed.lastIndexOf(change), 1)
      save()
    },

    /** Refuses a tenant that looks like one in use. */
    async requireTrialTenant(): Promise<void> {
      if (isTrialTenant) return
      const domain = await person.ask({
        do: 'tell',
        name: 'domain',
        what: 'The next steps change your tenant. Type its domain, to confirm that it is a trial tenant',
      })
      const [, expected = ''] = (await addressOf('work')).split('@')
      if (domain.toLowerCase() !== expected.toLowerCase()) {
        fail('the domain is not that of the work account')
      }
      const users = await fact(
        'users',
        "The number of its users: az rest --url 'https://graph.microsoft.com/v1.0/users/$count' --headers ConsistencyLevel=eventual",
      )
      const isSmall = /^[1-9]\d*$/.test(users) && Number(users) <= MOST_USERS
      if (!isSmall && !options.notProduction) {
        delete progress.facts.users
        fail(
          `the tenant has more than ${MOST_USERS} users, or they were not counted. If it is a trial tenant all the same, start with --this-is-not-production`,
        )
      }
      isTrialTenant = true
    },

    /** Looks again until `read` returns what is expected, or the person gives up. */
    async until(expected: string, read: () => Promise<string>): Promise<string> {
      for (;;) {
        const saw = await read()
        if (saw === expected) return saw
        const reply = await person.ask({
          do: 'tell',
          name: 'again',
          what: `Not in effect yet (${saw}). Exchange can take an hour. Press Enter to look again, or type: enough`,
        })
        if (reply === 'enough') return saw
        await new Promise((resolve) => setTimeout(resolve, target.pauseMs))
      }
    },

    newGuid: () => {
      const hex = randomBytes(16).toString('hex')
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    },
  }
}
