/** A world with an account that sends through Microsoft Graph, whose responses a test defines. */
import { createGraph } from '../../api/graph/client.ts'
import { app } from '../sandbox/personas.ts'
import { json, peer } from './entra/http-stub.ts'
import type { World, WorldOptions } from './harness.ts'
import { activeMailWorld, smtpForm } from './mail-world.ts'

/** Input for an account that sends through Graph from Alice's mailbox, with `changes` applied. */
export const graphForm = (grantId: string, changes: object = {}) =>
  smtpForm(grantId, { protocol: 'graph_send', ...changes })

/** Lets accounts and sign-ins use Graph. */
export const enableGraph = (world: Pick<World, 'call'>) =>
  world.call('PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.clientId,
    protocols: ['imap', 'smtp', 'graph_send'],
  })

/** Graph's response to the probe of a token that may send. */
export const permits = () => replyOf('400 ErrorMimeContentInvalidBase64String')
export const denies = () => replyOf('403 ErrorAccessDenied')
export const accepts = () => new Response(null, { status: 202 })

/** Returns a response by its status, with an error of Graph or a page after it, or the failure of a connection. */
export function replyOf(reply: string): Response | Promise<Response> {
  const [, status = '', body] = /^(\d+)(?: (.+))?$/.exec(reply) ?? []
  if (status === '') return Promise.reject(new TypeError('x', { cause: { code: reply } }))
  const isCode = body !== undefined && !body.startsWith('<')
  return isCode
    ? json({ error: { code: body, message: 'x' } }, Number(status))
    : new Response(body ?? null, { status: Number(status) })
}

/** Lets the test respond as Graph. */
export function respondAsGraph(world: Pick<World, 'services' | 'clock'>) {
  const graph = { respond: permits as () => Response | Promise<Response> }
  const { http, seen } = peer(() => graph.respond())
  world.services.graph = createGraph({ ...http, now: () => world.clock.now, root: null })
  return { graph, seen }
}

/** Creates such a world with an account of Alice's mailbox, with `changes` applied. */
export async function graphAccountWorld(changes: object = {}, options: WorldOptions = {}) {
  const world = await activeMailWorld(options)
  await enableGraph(world)
  const shared = 'delegate' in changes
  const grant = await world.grant('alice@contoso.test', { protocols: ['graph_send'], shared })
  const { graph, seen } = respondAsGraph(world)
  const { id } = await world.save(graphForm(grant, changes))
  return {
    world,
    grant,
    id,
    /** Replace `graph.respond` to change the response of Graph. */
    graph,
    /** Requests that Graph received. */
    seen,
  }
}
