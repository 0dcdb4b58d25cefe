/** A world for the tests of one mail server. */
import { onTestFinished } from 'vitest'
import { obtainTokens } from '../entra/test-client.ts'
import { startWorld, type World, type WorldOptions } from '../world.ts'
import { imapEnd, openDialog, smtpEnd } from './test-dialog.ts'

export const ALICE = 'alice@contoso.test'

/** Starts a world that stops after the test. */
export async function newWorld(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options)
  onTestFinished(world.stop)
  return world
}

const ENDS = { imapTls: imapEnd, imapStarttls: imapEnd, smtpTls: smtpEnd, smtpStarttls: smtpEnd }

/** Opens a connection that is closed after the test. With implicit TLS, the greeting has been read. */
export async function dial({ ports, authority }: World, port: keyof typeof ENDS) {
  const isTls = port.endsWith('Tls')
  const dialog = await openDialog(ports[port], ENDS[port], isTls ? authority.ca : undefined)
  onTestFinished(dialog.close)
  if (isTls) await dialog.receive()
  return dialog
}

export const tokenOf = async ({ entra }: World, as: string, scope?: string) =>
  (await obtainTokens(entra, as, scope === undefined ? {} : { scope })).access_token

/** Returns a world with tokens of alice that are invented, expired, or for other scopes. */
export async function worldWithBadTokens(...scopes: string[]) {
  let time = Date.now()
  const world = await newWorld({ now: () => time })
  world.entra.control.setTokenLifetime(60)
  const expired = await tokenOf(world, ALICE)
  time += 60_000
  world.entra.control.setTokenLifetime(null)
  const others = await Promise.all(scopes.map((scope) => tokenOf(world, ALICE, scope)))
  return { world, tokens: ['made-up', expired, ...others] }
}
