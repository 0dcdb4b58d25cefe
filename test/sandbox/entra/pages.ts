/** The pages of the simulated Entra: plain forms that a browser or a script submits. */
import { html } from 'hono/html'
import type { AppRegistration, Person, Tenant } from '../personas.ts'
import { type EntraError, errorDescription, type RequestTrace } from './errors.ts'
import { type Html, layout } from './layout.ts'
import type { Scope } from './scopes.ts'

/** Renders the account picker. Form fields: `flow` (hidden), `account` (radio, one per person). */
export const pickerPage = (props: {
  segment: string
  flow: string
  people: readonly Person[]
  hint: string | null
  heading: string
}): Html => {
  const option = (person: Person) => {
    const checked = props.hint?.toLowerCase() === person.username.toLowerCase()
    return html`<label>
      <input type="radio" name="account" value="${person.username}" required ${checked ? 'checked' : ''} />
      <span>${person.name}<small>${person.username}</small></span>
    </label>`
  }
  return layout(
    'Sign in to your account',
    html`<h1>${props.heading}</h1>
      <form method="post" action="/${props.segment}/login">
        <input type="hidden" name="flow" value="${props.flow}" />
        <fieldset>
          <legend>No password is required in the sandbox.</legend>
          ${props.people.map(option)}
        </fieldset>
        <div class="actions"><button class="primary">Next</button></div>
      </form>`,
  )
}

const permissionTexts: Record<string, string> = {
  'IMAP.AccessAsUser.All': 'Read and write access to your mailboxes via IMAP',
  'SMTP.Send': 'Send emails from your mailboxes using SMTP AUTH',
  'Mail.Send': 'Send mail as you',
  'Mail.Send.Shared': 'Send mail on behalf of others',
  'POP.AccessAsUser.All': 'Read and write access to your mailboxes via POP',
  'User.Read': 'Sign you in and read your profile',
  '.default': 'All permissions that the application declares',
}

/** Renders the consent page. Form fields: `flow` (hidden), `decision` (`accept` or `cancel`, the two buttons). */
export const consentPage = (props: {
  segment: string
  flow: string
  person: Person
  app: AppRegistration
  scopes: readonly Scope[]
  /** Tenant for which an admin decides; null when a person decides for themselves. */
  tenant: Tenant | null
}): Html => {
  const forAll = props.tenant === null ? '' : ` for everyone in ${props.tenant.name}`
  const item = (scope: Scope) => html`<li>${permissionTexts[scope.permission] ?? scope.text}</li>`
  return layout(
    'Permissions requested',
    html`<p>${props.person.username}</p>
      <h1>Permissions requested${forAll}</h1>
      <p><strong>${props.app.name}</strong> would like to:</p>
      <ul>
        ${props.scopes.map(item)}
        <li>Maintain access to data you have given it access to</li>
      </ul>
      <form method="post" action="/${props.segment}/consent">
        <input type="hidden" name="flow" value="${props.flow}" />
        <div class="actions">
          <button name="decision" value="cancel">Cancel</button>
          <button name="decision" value="accept" class="primary">Accept</button>
        </div>
      </form>`,
  )
}

const supportDetails = (failure: EntraError, trace: RequestTrace) => html`<dl>
  <dt>Request Id:</dt><dd>${trace.traceId}</dd>
  <dt>Correlation Id:</dt><dd>${trace.correlationId}</dd>
  <dt>Timestamp:</dt><dd>${trace.timestamp}</dd>
  <dt>Message:</dt><dd><code>${errorDescription(failure, trace)}</code></dd>
</dl>`

/** Renders the page for a person who is not allowed to consent. Form fields: `flow`, `decision=return`. */
export const approvalPage = (props: {
  segment: string
  flow: string
  app: AppRegistration
  failure: EntraError
  trace: RequestTrace
}): Html =>
  layout(
    'Need admin approval',
    html`<h1>Need admin approval</h1>
      <p>${props.failure.text}</p>
      <form method="post" action="/${props.segment}/consent">
        <input type="hidden" name="flow" value="${props.flow}" />
        <div class="actions">
          <button name="decision" value="return">Return without consent</button>
        </div>
      </form>
      ${supportDetails(props.failure, props.trace)}`,
  )

/** Renders an error page without a way back, so the app gets no response. */
export const errorPage = (failure: EntraError, trace: RequestTrace): Html => {
  const blocked = failure.aadsts === 53003
  return layout(
    'Sign in to your account',
    html`<h1>${blocked ? 'You cannot access this right now' : 'Sorry, but we’re having trouble signing you in.'}</h1>
      <p>AADSTS${String(failure.aadsts)}: ${failure.text}</p>
      ${supportDetails(failure, trace)}`,
  )
}
