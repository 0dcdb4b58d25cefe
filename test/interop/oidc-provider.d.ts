/** Types for the parts of oidc-provider 9 that the strict server uses; the package has none. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export type Context = {
    status: number
    body?: Record<string, string | undefined>
    oidc?: { route: string; params?: Record<string, string | undefined> }
  }

  export type Interaction = {
    uid: string
    prompt: { name: string }
    params: { client_id: string; scope: string; login_hint?: string }
    session?: { accountId: string }
  }

  /** A grant or token in the server's store. */
  type StoredToken = { accountId?: string; clientId?: string }

  export type Configuration = {
    claims: Record<string, readonly string[]>
    clientAuthMethods: readonly string[]
    clients: readonly Record<string, unknown>[]
    clockTolerance: number
    conformIdTokenClaims: boolean
    cookies: { keys: readonly string[] }
    extraTokenClaims: (ctx: Context, token: StoredToken) => Record<string, string> | undefined
    features: Record<string, Record<string, unknown>>
    formats: {
      bitsOfOpaqueRandomness: (ctx: Context, token: { kind: string }) => number
    }
    findAccount: (ctx: Context, id: string) => Account | undefined
    interactions: { url: (ctx: Context, interaction: Interaction) => string }
    jwks: { keys: readonly object[] }
    pkce: { required: () => boolean }
    renderError: (ctx: Context & { type: string }, out: Record<string, string>) => void
    responseTypes: readonly string[]
    rotateRefreshToken: boolean
    routes: Record<string, string>
    scopes: readonly string[]
    /** Lifetimes in seconds. */
    ttl: Record<string, () => number>
  }

  export type Account = {
    accountId: string
    claims: () => Record<string, string>
  }

  export class Grant {
    constructor(of: { accountId: string; clientId: string })
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  type TokenModel = {
    find(value: string): Promise<{ destroy(): Promise<void> } | undefined>
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    readonly Grant: typeof Grant
    readonly AccessToken: TokenModel
    readonly RefreshToken: TokenModel
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): this
    on(event: 'server_error', listener: (ctx: Context, error: Error) => void): this
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Record<string, unknown>,
    ): Promise<void>
  }
}
