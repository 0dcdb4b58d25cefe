/**
 * The steps of a person on the pages: picks an account, gives or declines consent. Decides the result of
 * each button; the routes only send it.
 */
import { findPerson, type Person, tenants } from '../personas.ts'
import { redirectUrl } from './authorize.ts'
import { type EntraError, entraError, errorParams, newRequestTrace } from './errors.ts'
import type { Html } from './layout.ts'
import { issueCode } from './mint.ts'
import { approvalPage, consentPage, errorPage, pickerPage } from './pages.ts'
import { personScopeError, resourceOf, type Scope, type ScopeSet } from './scopes.ts'
import {
  type Flow,
  giveConsent,
  missingConsent,
  randomBase64url,
  type State,
  setConsent,
} from './state.ts'
import { admitsPerson, type TenantPath } from './tenants.ts'

export type Step =
  | { kind: 'page'; html: Html; status: 200 | 400 }
  | { kind: 'redirect'; location: string }

/** Tenant path and scopes of a flow of either kind. */
const targetOf = (flow: Flow): { path: TenantPath; segment: string; scopes: ScopeSet } =>
  flow.kind === 'sign_in'
    ? { path: flow.request.tenantPath, segment: flow.request.segment, scopes: flow.request.scopes }
    : { path: flow.tenantPath, segment: flow.segment, scopes: flow.scopes }

export function showError(state: State, failure: EntraError, status: 200 | 400 = 400): Step {
  return { kind: 'page', html: errorPage(failure, newRequestTrace(state.now())), status }
}

/** Starts a flow with the account picker: all accounts that the path admits, the hinted one preselected. */
export function startFlow(state: State, flow: Flow): Step {
  const { path, segment } = targetOf(flow)
  const id = randomBase64url(24)
  state.flows.set(id, flow)
  const people = state.people.filter((person) => admitsPerson(path, person))
  const hint = flow.kind === 'sign_in' ? flow.request.loginHint : null
  const heading = flow.kind === 'sign_in' ? 'Pick an account' : 'Sign in as an admin'
  return {
    kind: 'page',
    html: pickerPage({ segment, flow: id, people, hint, heading }),
    status: 200,
  }
}

/** Ends a flow and redirects to the app with an error. */
function redirectWithError(
  state: State,
  id: string,
  flow: Flow,
  failure: EntraError,
  base: string,
): Step {
  state.flows.delete(id)
  const params = errorParams(failure, newRequestTrace(state.now()), base)
  if (flow.kind === 'sign_in') {
    const { redirectUri, state: echo } = flow.request
    return { kind: 'redirect', location: redirectUrl(redirectUri, params, echo) }
  }
  // Observed at Entra: a refusal still has admin_consent=True and no tenant.
  const response = { ...params, admin_consent: 'True' }
  return { kind: 'redirect', location: redirectUrl(flow.redirectUri, response, flow.state) }
}

/** Returns the scopes that the person is asked for: those without consent, or all if the request says so. */
const askedScopes = (state: State, flow: Flow, person: Person, scopes: ScopeSet) =>
  flow.kind === 'admin_consent' || flow.request.prompt === 'consent'
    ? scopes.resourceScopes
    : missingConsent(state, person, scopes)

/**
 * Returns true if the person may consent without an admin. Microsoft's managed consent policy keeps IMAP and
 * reading by Graph from people, but not sending by Graph, as long as nothing else is asked for with it.
 */
const mayConsent = ({ app }: State, person: Person, asked: readonly Scope[]): boolean =>
  person.signIn === 'ok' ||
  (asked.length > 0 && asked.every(({ permission }) => app.graphPermissions.includes(permission)))

function requireApproval(state: State, id: string, flow: Flow): Step {
  const { segment } = targetOf(flow)
  const failure = entraError(90094, { app: state.app.name })
  const props = { segment, flow: id, app: state.app, failure, trace: newRequestTrace(state.now()) }
  return { kind: 'page', html: approvalPage(props), status: 200 }
}

function completeFlow(state: State, id: string, flow: Flow, person: Person): Step {
  state.flows.delete(id)
  if (flow.kind === 'sign_in') {
    const code = issueCode(state, flow.request, person)
    const params = { code, session_state: crypto.randomUUID() }
    const location = redirectUrl(flow.request.redirectUri, params, flow.request.state)
    return { kind: 'redirect', location }
  }
  for (const scope of flow.scopes.resourceScopes) {
    const resource = resourceOf(scope)
    if (resource === null) continue
    setConsent(state.tenantConsents, person.tenantId, resource, true)
    // `.default` means everything the app declares, and is the only way to request application permissions.
    if (scope.permission === '.default') {
      setConsent(state.appConsents, person.tenantId, resource, true)
    }
  }
  const params = { admin_consent: 'True', tenant: person.tenantId, scope: flow.scope }
  return { kind: 'redirect', location: redirectUrl(flow.redirectUri, params, flow.state) }
}

/** Handles a submitted account picker. */
export function pickAccount(state: State, id: string, account: string, base: string): Step {
  const flow = state.flows.get(id)
  if (!flow) return showError(state, entraError(50089))
  const { segment, scopes } = targetOf(flow)
  const values = { account, tenant: segment, client: state.app.clientId }
  const person = findPerson(state.people, account)
  if (!person) return showError(state, entraError(50034, values))
  const inOtherCloud = person.accountType === 'personal' && state.cloud !== 'global'
  if (inOtherCloud) return showError(state, entraError(50034, values))
  if (person.signIn === 'disabled') return showError(state, entraError(50057))
  if (person.signIn === 'blocked') return showError(state, entraError(53003), 200)
  flow.person = person

  const failure = personScopeError(scopes, person, state.cloud)
  if (failure) return redirectWithError(state, id, flow, failure, base)
  const tenant = flow.kind === 'admin_consent' ? tenants.contoso : null
  if (tenant !== null && !person.admin) return requireApproval(state, id, flow)

  const asked = askedScopes(state, flow, person, scopes)
  const consentForced = flow.kind === 'admin_consent' || flow.request.prompt === 'consent'
  if (asked.length === 0 && !consentForced) return completeFlow(state, id, flow, person)
  // `prompt=consent` asks again even after admin consent, which Dave is not allowed to grant.
  if (tenant === null && !mayConsent(state, person, asked)) return requireApproval(state, id, flow)
  const props = { segment, flow: id, person, app: state.app, scopes: asked, tenant }
  return { kind: 'page', html: consentPage(props), status: 200 }
}

/** Handles a button of the consent page or the approval page. */
export function submitDecision(state: State, id: string, decision: string, base: string): Step {
  const flow = state.flows.get(id)
  if (!flow?.person) return showError(state, entraError(50089))
  const { person } = flow
  // Entra's response from the approval page is not documented; a product must handle any of these.
  if (decision === 'return') {
    const failure = entraError(90094, { app: state.app.name })
    return redirectWithError(state, id, flow, failure, base)
  }
  const asked = askedScopes(state, flow, person, targetOf(flow).scopes)
  const mayAccept = flow.kind === 'admin_consent' ? person.admin : mayConsent(state, person, asked)
  if (decision !== 'accept' || !mayAccept) {
    const error =
      flow.kind === 'admin_consent' || person.accountType === 'personal'
        ? 'access_denied'
        : 'consent_required'
    return redirectWithError(state, id, flow, entraError(65004, {}, { error }), base)
  }
  if (flow.kind === 'sign_in') giveConsent(state, person, flow.request.scopes)
  return completeFlow(state, id, flow, person)
}
