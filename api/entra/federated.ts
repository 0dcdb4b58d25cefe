/**
 * The federated credential of an app registration (Microsoft's page "Workload identity federation"): the app
 * has no secret of its own, and Entra trusts the tokens of an OpenID issuer in its place.
 */
import type { Cloud } from '../../schema/mail-servers.ts'
import { clouds } from './clouds.ts'

/** The three values to enter at Entra, which are compared character for character with those of a token. */
export type FederatedIdentity = { issuer: string; subject: string; audience: string }

/** Returns the values of this deployment. `publicUrl`: an origin, without a trailing slash. */
export const federatedIdentity = (
  publicUrl: string,
  deploymentId: string,
  cloud: Cloud,
): FederatedIdentity => ({
  issuer: publicUrl,
  subject: `mailgrant:${deploymentId}`,
  audience: clouds[cloud].federatedAudience,
})
