/** Control of the simulated Entra: the same functions for tests in the same process and for `/sandbox/control`. */
import type { Resource } from '../../../schema/protocols.ts'
import type { MailFault, SendingRole } from '../exchange.ts'
import type { GraphFault } from '../graph/errors.ts'
import { findPerson } from '../personas.ts'
import {
  type ControlRequest,
  type ControlState,
  type Counts,
  Fault,
  type FaultInput,
  type FormerProduct,
} from './control-schema.ts'
import { issueRefreshToken } from './mint.ts'
import { graphOrigins, mailResources, parseScopes, resourceOf, type Scope } from './scopes.ts'
import { type FederatedCredential, noCounts, type State, setConsent } from './state.ts'
import { parseTenantPath } from './tenants.ts'

function tenantId(tenant: string): string {
  const path = parseTenantPath(tenant)
  if (path?.kind !== 'tenant') throw new Error(`no tenant ${tenant} in the sandbox`)
  return path.id
}

export function createControl(state: State) {
  const control = {
    /** Sets the lifetime in seconds of access tokens issued from now on; null restores 60 to 90 minutes. */
    setTokenLifetime(seconds: number | null): void {
      state.tokenLifetime = seconds
    },

    /** Queues a fault for the next token call, or the next `times` calls. */
    faultNext(fault: FaultInput): void {
      state.faults.push(Fault.parse(fault))
    },

    clearFaults(): void {
      state.faults = []
    },

    /** Revokes all refresh tokens of an account. Returns the number of grants. */
    revoke(username: string): number {
      const person = findPerson(state.people, username)
      const grants = state.grants.filter((grant) => grant.person === person && !grant.revoked)
      for (const grant of grants) grant.revoked = true
      return grants.length
    },

    /** Gives or withdraws admin consent for a whole tenant (GUID or domain). */
    setTenantConsent(tenant: string, granted: boolean, resource: Resource = 'outlook'): void {
      setConsent(state.tenantConsents, tenantId(tenant), resource, granted)
    },

    /** Gives or withdraws admin consent to the application permissions, the roles of app-only tokens. */
    setAppConsent(tenant: string, granted: boolean, resource: Resource = 'outlook'): void {
      setConsent(state.appConsents, tenantId(tenant), resource, granted)
    },

    /** Removes what a person has consented to at a resource, from their sign-ins as well. */
    withdrawConsent(username: string, resource: Resource): void {
      const person = findPerson(state.people, username)
      if (!person) throw new Error(`no ${username} in the sandbox`)
      const remains = (scope: Scope) => resourceOf(scope) !== resource
      state.consents.set(person.oid, (state.consents.get(person.oid) ?? []).filter(remains))
      for (const grant of state.grants) {
        if (grant.person !== person) continue
        const resourceScopes = grant.scopes.resourceScopes.filter(remains)
        const resources = [...new Set(resourceScopes.flatMap((scope) => scope.resource ?? []))]
        grant.scopes = { ...grant.scopes, resourceScopes, resources }
      }
    },

    /** Does what `New-ServicePrincipal` and `Remove-ServicePrincipal` do in Exchange. */
    setServicePrincipal(tenant: string, registered: boolean): void {
      state.exchange.setServicePrincipal(tenantId(tenant), registered)
    },

    /** Does what `Add-MailboxPermission` and `Remove-MailboxPermission` do in Exchange. */
    setMailboxPermission(tenant: string, mailbox: string, granted: boolean): void {
      state.exchange.setMailboxPermission(tenantId(tenant), mailbox, granted)
    },

    /** Does what a role assignment for sending does, with this mailbox in its scope, or without it. */
    setSendingRole(tenant: string, mailbox: string, assigned: boolean, role?: SendingRole): void {
      state.exchange.setSendingRole(tenantId(tenant), mailbox, assigned, role)
    },

    /** Keeps the app out of all other mailboxes of the tenant, as an application access policy does. */
    setAccessPolicy(tenant: string, mailboxes: readonly string[] | null): void {
      state.exchange.setAccessPolicy(tenantId(tenant), mailboxes)
    },

    /** Declares these application permissions, and no others, in the app registration. */
    declareAppPermissions(...names: string[]): void {
      state.app = { ...state.app, appPermissions: names }
    },

    /** Lets the mail servers fail the logins of a user name; null ends it. */
    setMailFault(username: string, fault: MailFault | null): void {
      state.exchange.setMailFault(username, fault)
    },

    /** Lets Graph fail all calls for a mailbox; null ends it. */
    setGraphFault(mailbox: string, fault: GraphFault | null): void {
      state.exchange.setGraphFault(mailbox, fault)
    },

    /** Assigns app roles to a person in place of those of the cast. */
    setRoles(username: string, roles: readonly string[]): void {
      const person = findPerson(state.people, username)
      if (!person) throw new Error(`${username} is not in the sandbox`)
      state.roles.set(person.oid, roles)
    },

    uploadCertificate(pem: string): void {
      state.certificates.push(pem)
    },

    /** Signs a person in to another product, and returns the refresh token that it holds from then on. */
    signInElsewhere({ username, permissions, client_id: clientId }: FormerProduct): string {
      const person = findPerson(state.people, username)
      if (!person) throw new Error(`no ${username} in the sandbox`)
      const names = permissions ?? ['IMAP.AccessAsUser.All', 'SMTP.Send']
      const { app, cloud } = state
      const mail = names.map((name) => {
        const isOfGraph = app.graphPermissions.includes(name)
        return `${isOfGraph ? graphOrigins[cloud] : mailResources[cloud][0]}/${name}`
      })
      const text = [...mail, 'offline_access', 'openid', 'profile'].join(' ')
      const parsed = parseScopes(text, app, cloud)
      if (!parsed.ok) throw new Error(`the app does not declare ${names.join(', ')}`)
      const grant = { person, scopes: parsed.scopes, revoked: false, clientId }
      state.grants.push(grant)
      return issueRefreshToken(state, grant, { fromElsewhere: true })
    },

    addFederatedCredential(credential: FederatedCredential): void {
      state.federated.push(credential)
    },

    removeFederatedCredentials(): void {
      state.federated = []
    },

    /** Replaces the signing keys; the old ones leave the JWKS at once. */
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

/** Applies the body of `POST /sandbox/control`. Returns the counts from before a reset. */
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
    const { tenant, granted, resource } = request.tenant_consent
    control.setTenantConsent(tenant, granted, resource)
  }
  if (request.app_consent) {
    const { tenant, granted, resource } = request.app_consent
    control.setAppConsent(tenant, granted, resource)
  }
  if (request.withdraw_consent) {
    control.withdrawConsent(request.withdraw_consent.username, request.withdraw_consent.resource)
  }
  if (request.exchange) {
    const { tenant, registered, mailbox, granted = true, role, policy } = request.exchange
    if (registered !== undefined) control.setServicePrincipal(tenant, registered)
    if (policy !== undefined) control.setAccessPolicy(tenant, policy)
    if (mailbox !== undefined) {
      if (role) control.setSendingRole(tenant, mailbox, granted, role)
      else control.setMailboxPermission(tenant, mailbox, granted)
    }
  }
  if (request.mail_fault) {
    control.setMailFault(request.mail_fault.username, request.mail_fault.kind)
  }
  if (request.graph_fault) {
    control.setGraphFault(request.graph_fault.mailbox, request.graph_fault.kind)
  }
  if (request.roles) control.setRoles(request.roles.username, request.roles.assigned)
  if (request.upload_certificate !== undefined)
    control.uploadCertificate(request.upload_certificate)
  if (request.remove_federated_credentials) control.removeFederatedCredentials()
  if (request.add_federated_credential) {
    control.addFederatedCredential(request.add_federated_credential)
  }
  const response = readControl(state)
  if (request.former_product) {
    response.refresh_token = control.signInElsewhere(request.former_product)
  }
  if (request.reset_counts) control.resetCounts()
  return response
}
