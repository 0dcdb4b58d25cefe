/**
 * The steps of a person: picks an account, gives or refuses consent. Decides what each press of a
 * button leads to; the routes only carry it out.
 */
import { type Person, personNamed, tenants } from '../cast.ts'
import { backTo } from './authorize.ts'
import { type EntraError, entraError, errorParams, newTrail } from './errors.ts'
import type { Html } from './layout.ts'
import { issueCode } from './mint.ts'
import { approvalPage, consentPage, errorPage, pickerPage } from './pages.ts'
import { refuseForPerson, type ScopeSet } from './scopes.ts'
import { type Flow, giveConsent, missingConsent, random, type State } from './state.ts'
import { admits, type TenantPath } from './tenants.ts'

export type Step =
  | { kind: 'page'; html: Html; status: 200 | 400 }
  | { kind: 'redirect'; location: string }

/** Where a flow belongs, whichever kind it is. */
const placeOf = (flow: Flow): { path: TenantPath; segment: string; scopes: ScopeSet } =>
  flow.kind === 'sign_in'
    ? { path: flow.request.tenantPath, segment: flow.request.segment, scopes: flow.request.scopes }
    : { path: flow.tenantPath, segment: flow.segment, scopes: flow.scopes }

export function showError(state: State, failure: EntraError, status: 200 | 400 = 400): Step {
  return { kind: 'page', html: errorPage(failure, newTrail(state.now())), status }
}

/** Starts the pages: everyone this path admits, the hinted account chosen already. */
export function begin(state: State, flow: Flow): Step {
  const { path, segment } = placeOf(flow)
  const id = random(24)
  state.flows.set(id, flow)
  const people = state.people.filter((person) => admits(path, person))
  const hint = flow.kind === 'sign_in' ? flow.request.loginHint : null
  const heading = flow.kind === 'sign_in' ? 'Pick an account' : 'Sign in as an admin'
  return {
    kind: 'page',
    html: pickerPage({ segment, flow: id, people, hint, heading }),
    status: 200,
  }
}

/** Where a flow ends that goes back to the app with an error. The flow is over then. */
function sendBack(state: State, id: string, flow: Flow, failure: EntraError, base: string): Step {
  state.flows.delete(id)
  const params = errorParams(failure, newTrail(state.now()), base)
  if (flow.kind === 'sign_in') {
    const { redirectUri, state: echo } = flow.request
    return { kind: 'redirect', location: backTo(redirectUri, params, echo) }
  }
  // Seen in the field: a refusal still says admin_consent=True, and names no tenant.
  const answer = { ...params, admin_consent: 'True' }
  return { kind: 'redirect', location: backTo(flow.redirectUri, answer, flow.state) }
}

function askApproval(state: State, id: string, flow: Flow): Step {
  const { segment } = placeOf(flow)
  const failure = entraError(90094, { app: state.app.name })
  const props = { segment, flow: id, app: state.app, failure, trail: newTrail(state.now()) }
  return { kind: 'page', html: approvalPage(props), status: 200 }
}

function finish(state: State, id: string, flow: Flow, person: Person): Step {
  state.flows.delete(id)
  if (flow.kind === 'sign_in') {
    const code = issueCode(state, flow.request, person)
    const params = { code, session_state: crypto.randomUUID() }
    const location = backTo(flow.request.redirectUri, params, flow.request.state)
    return { kind: 'redirect', location }
  }
  state.tenantConsents.add(person.tenantId)
  // `.default` is all that the app declares, and the only way to ask for application permissions.
  if (flow.scope.includes('/.default')) state.appConsents.add(person.tenantId)
  const params = { admin_consent: 'True', tenant: person.tenantId, scope: flow.scope }
  return { kind: 'redirect', location: backTo(flow.redirectUri, params, flow.state) }
}

/** The account picker was sent. */
export function pickAccount(state: State, id: string, account: string, base: string): Step {
  const flow = state.flows.get(id)
  if (!flow) return showError(state, entraError(50089))
  const { path, segment, scopes } = placeOf(flow)
  const blanks = { account, tenant: segment, client: state.app.clientId }
  const person = personNamed(state.people, account)
  if (!person) return showError(state, entraError(50034, blanks))
  const abroad = person.accountType === 'personal' && state.cloud !== 'global'
  if (abroad) return showError(state, entraError(50034, blanks))
  if (!admits(path, person)) return showError(state, entraError(50020, blanks))
  if (person.signIn === 'disabled') return showError(state, entraError(50057))
  if (person.signIn === 'blocked') return showError(state, entraError(53003), 200)
  flow.person = person

  const failure = refuseForPerson(scopes, person, state.cloud)
  if (failure) return sendBack(state, id, flow, failure, base)
  const tenant = flow.kind === 'admin_consent' ? tenants.contoso : null
  if (tenant !== null && !person.admin) return askApproval(state, id, flow)

  const missing = missingConsent(state, person, scopes)
  const forced = flow.kind === 'admin_consent' || flow.request.prompt === 'consent'
  if (missing.length === 0 && !forced) return finish(state, id, flow, person)
  // `prompt=consent` asks again even where an admin has agreed for all: then Dave is stuck once more.
  if (tenant === null && person.signIn === 'needs_admin') return askApproval(state, id, flow)
  const shown = forced ? scopes.resourceScopes : missing
  const props = { segment, flow: id, person, app: state.app, scopes: shown, tenant }
  return { kind: 'page', html: consentPage(props), status: 200 }
}

/** A button of the consent page or of the approval page was pressed. */
export function decide(state: State, id: string, decision: string, base: string): Step {
  const flow = state.flows.get(id)
  if (!flow?.person) return showError(state, entraError(50089))
  const { person } = flow
  // What Entra sends from the approval page is not documented; a product must read any of these.
  if (decision === 'return') {
    const failure = entraError(90094, { app: state.app.name })
    return sendBack(state, id, flow, failure, base)
  }
  const mayAccept = flow.kind === 'admin_consent' ? person.admin : person.signIn === 'ok'
  if (decision !== 'accept' || !mayAccept) {
    const error =
      flow.kind === 'admin_consent' || person.accountType === 'personal'
        ? 'access_denied'
        : 'consent_required'
    return sendBack(state, id, flow, entraError(65004, {}, { error }), base)
  }
  if (flow.kind === 'sign_in') giveConsent(state, person, flow.request.scopes)
  return finish(state, id, flow, person)
}
