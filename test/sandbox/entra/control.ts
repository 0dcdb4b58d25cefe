/** Time and weather: the same switches for a test in the same process and for `/sandbox/control`. */
import { personNamed } from '../cast.ts'
import {
  type ControlRequest,
  type ControlState,
  type Counts,
  Fault,
  type FaultInput,
} from './control-schema.ts'
import { noCounts, type State } from './state.ts'
import { readTenantPath } from './tenants.ts'

function idOf(tenant: string): string {
  const path = readTenantPath(tenant)
  if (path?.kind !== 'tenant') throw new Error(`no tenant ${tenant} in the sandbox`)
  return path.id
}

function mark(set: Set<string>, id: string, present: boolean): void {
  if (present) set.add(id)
  else set.delete(id)
}

export function createControl(state: State) {
  const control = {
    /** Seconds, for access tokens from now on; null restores 60 to 90 minutes. */
    setTokenLifetime(seconds: number | null): void {
      state.tokenLifetime = seconds
    },

    /** The next token call (or the next `times`) meets this fault. Faults queue up in order. */
    faultNext(fault: FaultInput): void {
      state.faults.push(Fault.parse(fault))
    },

    clearFaults(): void {
      state.faults = []
    },

    /** Ends all refresh tokens of an account; says how many grants that were. */
    revoke(username: string): number {
      const person = personNamed(state.people, username)
      const grants = state.grants.filter((grant) => grant.person === person && !grant.revoked)
      for (const grant of grants) grant.revoked = true
      return grants.length
    },

    /** As if an admin had given, or taken back, consent for the whole tenant (GUID or domain). */
    setTenantConsent(tenant: string, granted: boolean): void {
      mark(state.tenantConsents, idOf(tenant), granted)
    },

    /** The same for the application permissions: the roles of the app's own token. */
    setAppConsent(tenant: string, granted: boolean): void {
      mark(state.appConsents, idOf(tenant), granted)
    },

    /** Whether Exchange of this tenant knows the app: `New-ServicePrincipal`, and its opposite. */
    setServicePrincipal(tenant: string, registered: boolean): void {
      state.exchange.register(idOf(tenant), registered)
    },

    /** Whether the app may open this mailbox: `Add-MailboxPermission`, and its opposite. */
    setMailboxPermission(tenant: string, mailbox: string, granted: boolean): void {
      state.exchange.give(idOf(tenant), mailbox, granted)
    },

    /** As an admin does under "Certificates & secrets" of the app registration. */
    uploadCertificate(pem: string): void {
      state.certificates.push(pem)
    },

    /** New signing keys; the old ones leave the JWKS at once. */
    rotateKeys(): void {
      state.keys.rotate()
    },

    resetCounts(): void {
      state.counts = noCounts()
      state.tokenCalls = []
    },
  }
  return control
}

export type Control = ReturnType<typeof createControl>

export const copyCounts = (state: State): Counts => structuredClone(state.counts)

export const readControl = (state: State): ControlState => ({
  token_lifetime: state.tokenLifetime,
  faults: structuredClone(state.faults),
  counts: copyCounts(state),
})

/** Applies a request of the HTTP form. The answer holds the counts as they were before a reset. */
export function applyControl(
  state: State,
  control: Control,
  request: ControlRequest,
): ControlState {
  if (request.token_lifetime !== undefined) control.setTokenLifetime(request.token_lifetime)
  if (request.clear_faults) control.clearFaults()
  for (const fault of request.faults ?? []) state.faults.push(fault)
  if (request.revoke !== undefined) control.revoke(request.revoke)
  if (request.tenant_consent) {
    control.setTenantConsent(request.tenant_consent.tenant, request.tenant_consent.granted)
  }
  if (request.app_consent) {
    control.setAppConsent(request.app_consent.tenant, request.app_consent.granted)
  }
  if (request.exchange) {
    const { tenant, registered, mailbox, granted = true } = request.exchange
    if (registered !== undefined) control.setServicePrincipal(tenant, registered)
    if (mailbox !== undefined) control.setMailboxPermission(tenant, mailbox, granted)
  }
  if (request.upload_certificate !== undefined)
    control.uploadCertificate(request.upload_certificate)
  const answer = readControl(state)
  if (request.reset_counts) control.resetCounts()
  return answer
}
