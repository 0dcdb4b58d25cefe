/**
 * Runs one flow of Microsoft's own client for Node, as its documentation shows it, and prints the result as JSON.
 * Arguments: the flow, and its settings as JSON. A sign-in prints its URL and reads the code from standard input.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import {
  AuthError,
  type AuthenticationResult,
  ConfidentialClientApplication,
  CryptoProvider,
} from '@azure/msal-node'

export type Settings = {
  auth: ConstructorParameters<typeof ConfidentialClientApplication>[0]['auth']
  scopes: string[]
  redirectUri: string
  username: string
  /** Scopes of the token, if not all of the sign-in. */
  tokenScopes?: string[]
  /** A client assertion of a federated credential. */
  assertion?: string
}

const [flow, json = ''] = process.argv.slice(2)
const {
  auth,
  scopes,
  redirectUri,
  username,
  tokenScopes = scopes,
  assertion,
}: Settings = JSON.parse(json)
const client = new ConfidentialClientApplication({
  auth: { ...auth, ...(assertion && { clientAssertion: async () => assertion }) },
})

const describe = (result: AuthenticationResult | null) => ({
  accessToken: result?.accessToken,
  scopes: result?.scopes.toSorted(),
  expiresOn: result?.expiresOn?.getTime(),
  fromCache: result?.fromCache,
  tokenType: result?.tokenType,
  tenantId: result?.tenantId,
  username: result?.account?.username,
  homeAccountId: result?.account?.homeAccountId,
  oid: result?.account?.idTokenClaims?.oid,
})

async function signIn() {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes()
  const url = await client.getAuthCodeUrl({
    scopes,
    redirectUri,
    loginHint: username,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
  })
  console.log(`open ${url}`)
  const [code] = await once(createInterface(process.stdin), 'line')
  process.stdin.destroy()
  return client.acquireTokenByCode({
    code,
    scopes: tokenScopes,
    redirectUri,
    codeVerifier: verifier,
  })
}

async function run() {
  if (flow === 'client-credentials')
    return [describe(await client.acquireTokenByClientCredential({ scopes }))]
  const first = await signIn()
  if (flow === 'sign-in') return [describe(first)]
  const { account } = first
  if (account === null) throw new Error('MSAL has no account after the sign-in')
  const silent = (forceRefresh: boolean) =>
    client.acquireTokenSilent({ account, scopes, forceRefresh })
  return [describe(first), describe(await silent(false)), describe(await silent(true))]
}

try {
  console.log(JSON.stringify(await run()))
} catch (error) {
  if (!(error instanceof AuthError)) throw error
  const { name, errorCode, errorMessage, subError } = error
  const { errorNo, claims } = error as { errorNo?: string; claims?: string }
  console.log(JSON.stringify({ name, errorCode, errorMessage, subError, errorNo, claims }))
}
