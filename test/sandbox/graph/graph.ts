/**
 * The simulated Microsoft Graph, as far as mail is sent through it: `sendMail` of a person and of the app,
 * with the checks and errors of the real one. Like the simulated Entra, it is a single `fetch` function for
 * code under test, or is served over HTTP. Runs in Node and in workerd.
 */
import { Hono } from 'hono'
import { isGraph } from '../entra/scopes.ts'
import type { IssuedToken } from '../entra/state.ts'
import type { MailWorld } from '../mail/judge.ts'
import type { Person } from '../personas.ts'
import { faultOf, type GraphError, refusals } from './errors.ts'
import { parseMessage } from './message.ts'

export type GraphMessage = {
  /** Mailbox that it was sent from. */
  mailbox: string
  from: string
  to: readonly string[]
  /** MIME with one character per octet, or the JSON of the request. */
  text: string
  savedToSentItems: boolean
}

/** A call, for assertions in tests. */
export type GraphCall = { method: string; path: string; status: number }

/** The mailbox that a message is sent from, and the person whose other addresses may be in From, or the refusal. */
type Judgement = { ok: true; owner: Person; mailbox: string } | { ok: false; failure: GraphError }

const err = (failure: GraphError): Judgement => ({ ok: false, failure })

const isOf = (person: Person, name: string): boolean =>
  [person.username, person.mailbox].some((each) => each?.toLowerCase() === name.toLowerCase())

function errorResponse(failure: GraphError, request: Request, now: number): Response {
  const { status, code, message, retryAfter, html } = failure
  const requestId = crypto.randomUUID()
  const clientRequestId = request.headers.get('client-request-id') ?? requestId
  const headers = {
    'request-id': requestId,
    'client-request-id': clientRequestId,
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(status === 401 && {
      'www-authenticate':
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
    }),
  }
  if (html) {
    const page = '<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>'
    return new Response(page, { status, headers: { ...headers, 'content-type': 'text/html' } })
  }
  const innerError = {
    date: new Date(now).toISOString().slice(0, 19),
    'request-id': requestId,
    'client-request-id': clientRequestId,
  }
  return Response.json({ error: { code, message, innerError } }, { status, headers })
}

/** Checks the token as Graph does before it looks at the request. */
function checkToken(world: MailWorld, request: Request): IssuedToken | GraphError {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (token === undefined) return refusals.noToken
  const issued = world.checkToken(token)
  if (!issued) return token.includes('.') ? refusals.foreignKey : refusals.malformedToken
  if (!isGraph(issued.audience)) {
    return token.includes('.') ? refusals.wrongAudience : refusals.foreignTicket
  }
  return issued.expiresAt <= world.now() ? refusals.expired : issued
}

/** Finds the mailbox that a person sends from. `user` is null for `/me`. */
function judgePerson(
  world: MailWorld,
  { person, permissions }: IssuedToken & { person: Person },
  user: string | null,
): Judgement {
  if (user === null || isOf(person, user)) {
    if (person.mailbox === null) return err(refusals.noMailbox)
    if (!permissions.includes('Mail.Send')) return err(refusals.accessDenied)
    return { ok: true, owner: person, mailbox: person.mailbox }
  }
  if (!permissions.includes('Mail.Send.Shared')) return err(refusals.accessDenied)
  const other = world.people.find((each) => each.tenantId === person.tenantId && isOf(each, user))
  if (!other) return err(refusals.unknownUser(user))
  if (other.mailbox === null) return err(refusals.noMailbox)
  return person.sharedMailboxes.includes(other.mailbox)
    ? { ok: true, owner: person, mailbox: other.mailbox }
    : err(refusals.noDelegation)
}

/** Finds the mailbox that the app sends from: one of its tenant, or one that a role of RBAC has in its scope. */
function judgeApp(
  { people, exchange }: MailWorld,
  { tenantId, permissions }: IssuedToken,
  user: string | null,
): Judgement {
  if (user === null) return err(refusals.appOnMe)
  const colleagues = people.filter((person) => person.tenantId === tenantId)
  if (!colleagues.some(({ mailbox }) => mailbox !== null)) {
    return err(refusals.unknownTenant(tenantId))
  }
  const owner = colleagues.find((person) => isOf(person, user))
  if (!owner) return err(refusals.unknownUser(user))
  const { mailbox } = owner
  if (mailbox === null) return err(refusals.noMailbox)
  if (!exchange.policyAdmits(tenantId, mailbox)) return err(refusals.accessPolicy)
  const isAllowed =
    permissions.includes('Mail.Send') ||
    exchange.maySendAs(tenantId, mailbox, 'Application Mail.Send')
  return isAllowed ? { ok: true, owner, mailbox } : err(refusals.accessDenied)
}

export function createGraph(world: MailWorld) {
  const messages: GraphMessage[] = []
  const calls: GraphCall[] = []
  const app = new Hono()

  async function sendMail(request: Request, user: string | null): Promise<GraphError | null> {
    const issued = checkToken(world, request)
    if ('code' in issued) return issued
    const { person } = issued
    const judged = person
      ? judgePerson(world, { ...issued, person }, user)
      : judgeApp(world, issued, user)
    const failing = judged.ok ? judged.mailbox : (user ?? person?.username ?? '')
    const name = world.exchange.graphFault(failing)
    const fault = name && faultOf(name)
    if (fault && !fault.onSending) return fault
    if (!judged.ok) return judged.failure
    const { owner, mailbox } = judged
    const parsed = await parseMessage(request)
    if (!parsed.ok) return parsed.failure
    const { from, to, text, saveToSentItems } = parsed.message
    const sender = from ?? mailbox
    const mayUse = [mailbox, ...owner.sharedMailboxes, owner.username]
    if (!mayUse.some((each) => each.toLowerCase() === sender.toLowerCase())) {
      return refusals.sendAsDenied
    }
    if (fault) return fault
    messages.push({ mailbox, from: sender, to, text, savedToSentItems: saveToSentItems })
    for (const address of new Set(to)) world.exchange.deliver(address)
    return null
  }

  const respond = async (request: Request, user: string | null): Promise<Response> => {
    const failure = await sendMail(request, user)
    if (failure) return errorResponse(failure, request, world.now())
    return new Response(null, { status: 202, headers: { 'request-id': crypto.randomUUID() } })
  }
  app.post('/v1.0/me/sendMail', (c) => respond(c.req.raw, null))
  app.post('/v1.0/users/:user/sendMail', (c) => respond(c.req.raw, c.req.param('user')))
  app.get('/sandbox/messages', (c) => c.json(messages))
  app.notFound((c) => {
    const segment = new URL(c.req.url).pathname.split('/').at(-1) ?? ''
    return errorResponse(refusals.noSuchPath(segment), c.req.raw, world.now())
  })

  return {
    /** Replaces the global `fetch` for code that talks to Graph. */
    async fetch(input: Request | URL | string, init?: RequestInit): Promise<Response> {
      const request =
        input instanceof Request && init === undefined ? input : new Request(input, init)
      const response = await app.fetch(request)
      const { pathname } = new URL(request.url)
      calls.push({ method: request.method, path: pathname, status: response.status })
      return response
    },
    /** Accepted messages, oldest first. Also at `GET /sandbox/messages`. */
    messages: messages as readonly GraphMessage[],
    calls: calls as readonly GraphCall[],
  }
}

export type Graph = ReturnType<typeof createGraph>
