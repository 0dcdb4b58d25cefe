/** The kit against the sandbox, with the scripted browser as the person. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MailServer } from '../../../schema/mail-servers.ts'
import { createBrowser, type Page } from '../../sandbox/browser.ts'
import { freePorts } from '../../sandbox/free-ports.ts'
import { secrets } from '../../sandbox/personas.ts'
import { plainHttp } from '../../sandbox/plain-http.ts'
import { startWorld, type World } from '../../sandbox/world.ts'
import type { Change } from './changes.ts'
import type { Account, Errand, Person } from './person.ts'
import { startProduct } from './product.ts'
import { type Progress, readProgress } from './progress.ts'
import { createRecorder } from './recorder.ts'
import { type RunOptions, runSteps } from './run.ts'
import type { Step } from './steps/step.ts'
import type { Origins } from './transcript.ts'

const ADDRESSES: Record<Account, string> = {
  work: 'alice@contoso.test',
  personal: 'grace@outlook.test',
  admin: 'admin@contoso.test',
}
const TENANT = 'contoso.test'

/** Alterations between the kit and the sandbox. */
export type Interception = {
  fetch?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
  receive?: (protocol: string, line: string) => string
  /** Alters the redirect back to the product. */
  redirect?: (url: URL) => void
}

export type Rehearsal = {
  world: World
  progress: Progress
  person: Person & { clicks: () => number }
  recorder: ReturnType<typeof createRecorder>
  folder: string
  origins: Origins
}

/** The person of the sandbox, who does at once whatever the kit asks. */
function scriptedPerson(
  world: World,
  { redirect, replies: replaced, onAsk, onSay }: RehearsalOptions,
) {
  let clicks = 0
  const { control } = world.entra
  const replies: Record<string, string> = {
    'work address': ADDRESSES.work,
    'personal address': ADDRESSES.personal,
    'other mailbox': 'carol@contoso.test',
    'client id': world.app.clientId,
    'client secret': secrets.current,
    domain: TENANT,
    users: String(world.people.length),
    again: 'enough',
    ...replaced,
  }

  async function open(url: string, account: Account, press: string): Promise<Page> {
    const browser = createBrowser({
      async fetch(target, init) {
        const response = await plainHttp(target, init)
        const location = response.headers.get('location')
        if (location === null || !redirect) return response
        const to = new URL(location, target)
        redirect(to)
        const headers = new Headers(response.headers)
        headers.set('location', to.href)
        return new Response(null, { status: response.status, headers })
      },
    })
    let page = await browser.visit(url)
    for (let pages = 0; pages < 6; pages += 1) {
      const form = page.forms.at(0)
      if (!form) break
      clicks += 1
      const names = [...form.buttons, ...form.fields].map(({ name }) => name)
      const values: Record<string, string> = names.includes('account')
        ? { account: ADDRESSES[account] }
        : names.includes('decision')
          ? { decision: press }
          : {}
      page = await browser.submit(page, values)
    }
    return page
  }

  async function change({ id, do: text }: Change, back: boolean): Promise<void> {
    clicks += 1
    const mailbox = ADDRESSES.work
    const [, issuer = '', subject = ''] = /issuer (\S+), subject (\S+)$/.exec(text) ?? []
    const pem = /\S+certificate\.pem/.exec(text)?.[0]
    if (id === 'smtp-off') world.entra.exchange.setProtocol(mailbox, 'smtp', back)
    if (id === 'imap-off') world.entra.exchange.setProtocol(mailbox, 'imap', back)
    if (id === 'exchange-app') control.setServicePrincipal(TENANT, !back)
    if (id === 'mailbox-permission') control.setMailboxPermission(TENANT, mailbox, !back)
    if (id === 'sending-role') {
      control.setSendingRole(TENANT, mailbox, !back, 'Application Mail.Send')
    }
    if (id === 'certificate' && pem && !back) control.uploadCertificate(readFileSync(pem, 'utf8'))
    if (id !== 'federated') return
    if (back) control.removeFederatedCredentials()
    else control.addFederatedCredential({ issuer, subject, audience: 'api://AzureADTokenExchange' })
  }

  return {
    clicks: () => clicks,
    say: (text: string) => onSay?.(text),
    async ask(errand: Errand): Promise<string> {
      onAsk?.(errand)
      if (errand.do === 'open') return (await open(errand.url, errand.as, errand.press)).url
      if (errand.do === 'read') {
        const { text } = await open(errand.url, errand.as, 'accept')
        return /AADSTS(\d+)/.exec(text)?.[1] ?? ''
      }
      if (errand.do === 'change') {
        await change(errand.change, errand.back)
        return ''
      }
      if (errand.name === 'revoked') control.revoke(ADDRESSES.work)
      if (errand.name === 'removed') control.withdrawConsent(ADDRESSES.personal, 'outlook')
      clicks += 1
      return replies[errand.name] ?? ''
    },
  }
}

/** Undoes what the sandbox has from the start, and a trial tenant has not. */
function emptyTenant({ entra }: World): void {
  entra.control.setAppConsent(TENANT, false)
  entra.control.setServicePrincipal(TENANT, false)
  entra.control.setMailboxPermission(TENANT, ADDRESSES.work, false)
}

export type RehearsalOptions = Interception & {
  skip?: readonly string[]
  steps?: readonly Step[]
  /** Folder of an earlier run that goes on. */
  folder?: string
  /** Replaces what the person says, by the name of the question. */
  replies?: Record<string, string>
  notProduction?: boolean
  /** Sees what the person is asked. Throws to interrupt the run. */
  onAsk?: (errand: Errand) => void
  onSay?: (text: string) => void
}

const server = (port: number, security: MailServer['security']): MailServer => ({
  host: 'localhost',
  port,
  security,
})

/** Runs the kit in a new world. The folder remains, and is removed by the caller. */
export async function rehearse(options: RehearsalOptions = {}): Promise<Rehearsal> {
  const { fetch: intercept, receive, skip = [], steps, notProduction = false } = options
  const [port = 0] = await freePorts(1)
  const publicUrl = `http://localhost:${port}`
  await using world = await startedWorld(publicUrl)
  emptyTenant(world)
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'mailgrant-acceptance-'))
  const recorder = createRecorder()
  const rootKey = `mg_root_${crypto.randomUUID()}`
  const { ca } = world
  await using product = await startProduct({
    recorder,
    ca,
    ...(intercept && { intercept }),
    environment: {
      PUBLIC_URL: publicUrl,
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      ROOT_API_KEY: rootKey,
      ENTRA_AUTHORITY: world.entraUrl,
      GRAPH_ROOT: world.graphUrl,
      EXTRA_OAUTH_MAIL_HOSTS: world.extraMailHosts,
      ALLOW_PRIVATE_HOSTS: 'true',
    },
  })
  const person = scriptedPerson(world, options)
  const progress = readProgress(folder)
  const run: RunOptions = {
    target: {
      login: world.entraUrl,
      graph: `${world.graphUrl}/v1.0`,
      imap: server(world.ports.imapTls, 'tls'),
      smtp: server(world.ports.smtpStarttls, 'starttls'),
      smtpPersonal: server(world.ports.smtpStarttls, 'starttls'),
      dial: { ca, ...(receive && { receive }) },
      pauseMs: 0,
    },
    product,
    rootKey,
    recorder,
    person,
    progress,
    folder,
    notProduction,
    skip,
    ...(steps && { steps }),
  }
  await runSteps(run)
  const origins = { login: world.entraUrl, graph: world.graphUrl, product: publicUrl }
  return { world, progress, person, recorder, folder, origins }
}

async function startedWorld(publicUrl: string) {
  const world = await startWorld({ publicUrl })
  const ca = readFileSync(world.caFile, 'utf8')
  return { ...world, ca, [Symbol.asyncDispose]: world.stop }
}

/** Removes the folder of a rehearsal. */
export const forget = ({ folder }: Rehearsal): void =>
  rmSync(folder, { recursive: true, force: true })
