/** All causes: every export of these files. Add a new file here; a new cause only has to be exported. */
import type { Source } from '../../../schema/diagnosis.ts'
import type { Cause, FixTemplate, Indicator, NumberGroup } from './cause.ts'
import { templatesOf } from './fixes.ts'
import * as graphAccess from './graph/access.ts'
import * as graphRequest from './graph/request.ts'
import * as appOnly from './mail/app-only.ts'
import * as identity from './mail/identity.ts'
import * as limits from './mail/limits.ts'
import * as mailbox from './mail/mailbox.ts'
import * as password from './mail/password.ts'
import * as program from './mail/program.ts'
import * as refusals from './mail/refusals.ts'
import * as sending from './mail/sending.ts'
import * as accessToken from './mail/token.ts'
import * as otherServer from './network/other-server.ts'
import * as reachability from './network/reachability.ts'
import * as runtime from './network/runtime.ts'
import * as service from './network/service.ts'
import * as tls from './network/tls.ts'
import type { ProofFinder } from './proof.ts'
import * as account from './sign-in/account.ts'
import * as app from './sign-in/app.ts'
import * as callback from './sign-in/callback.ts'
import * as consent from './sign-in/consent.ts'
import * as person from './sign-in/person.ts'
import * as policy from './sign-in/policy.ts'
import * as redirect from './sign-in/redirect.ts'
import * as registration from './sign-in/registration.ts'
import * as request from './sign-in/request.ts'
import * as tenant from './sign-in/tenant.ts'
import * as credential from './token/credential.ts'
import * as federated from './token/federated.ts'
import * as grant from './token/grant.ts'
import * as loginHost from './token/login-host.ts'
import * as mailgrant from './token/mailgrant.ts'

/**
 * Chapters of the catalogue by what fails: the way to the server, the login or sending, a call of Microsoft Graph, the
 * sign-in, or the request for a token.
 */
export type CauseKind = 'network' | 'mail' | 'graph' | 'sign_in' | 'token'

/** The files of each kind, and the sources of a text when one of their causes is at fault. */
const kinds: readonly [CauseKind, readonly Source[], readonly Record<string, Cause>[]][] = [
  [
    'network',
    ['program', 'system', 'tls', 'other_server'],
    [reachability, tls, service, otherServer, runtime],
  ],
  [
    'mail',
    ['program', 'mail_server', 'other_server'],
    [password, accessToken, appOnly, identity, mailbox, sending, refusals, program, limits],
  ],
  ['graph', ['program', 'graph'], [graphAccess, graphRequest]],
  [
    'sign_in',
    ['sign_in_page', 'token_endpoint', 'callback'],
    [redirect, app, tenant, account, consent, person, policy, request, callback, registration],
  ],
  ['token', ['token_endpoint', 'program'], [credential, federated, grant, loginHost, mailgrant]],
]

/** A cause with everything that its file leaves out. */
export type CatalogueEntry = Omit<Cause, Completed> & {
  kind: CauseKind
  sources: readonly Source[]
  retryable: boolean
  fixes: readonly FixTemplate[]
  aadsts: readonly NumberGroup[]
  proof: readonly ProofFinder[]
  indicators: readonly Indicator[]
}

type Completed = 'retryable' | 'fixes' | 'aadsts' | 'proof' | 'indicators'

export const catalogue: readonly CatalogueEntry[] = kinds.flatMap(([kind, sources, files]) =>
  files.flatMap(causesIn).map((cause) => ({
    kind,
    sources,
    ...cause,
    retryable: cause.retryable ?? cause.effect === 'cool_down',
    fixes: templatesOf(cause.fixes),
    aadsts: groupsOf(cause.aadsts),
    proof: [cause.proof ?? []].flat(),
    indicators: [cause.indicators].flat(),
  })),
)

/**
 * Returns the causes of a file by the names of its exports. That is the order of a module's namespace, except in Vitest;
 * it decides between causes with the same score.
 */
function causesIn(file: Record<string, Cause>): Cause[] {
  const names = Object.keys(file).sort()
  return names.flatMap((name) => file[name] ?? [])
}

function groupsOf(aadsts: Cause['aadsts'] = {}): NumberGroup[] {
  return Object.entries(aadsts).map(([summary, group]) => ({
    summary,
    ...('numbers' in group ? group : { numbers: group }),
  }))
}
