/** The pages a person sees at the simulated Entra: plain forms that a browser or a script completes. */
import { html } from 'hono/html'
import type { AppRegistration, Person, Tenant } from '../cast.ts'
import { describe, type EntraError, type Trail } from './errors.ts'
import { type Html, layout } from './layout.ts'
import type { Scope } from './scopes.ts'

/** Form fields: `flow` (hidden), `account` (radio, one per person). */
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
          <legend>The sandbox asks for no password.</legend>
          ${props.people.map(option)}
        </fieldset>
        <div class="actions"><button class="primary">Next</button></div>
      </form>`,
  )
}

const sentences: Record<string, string> = {
  'IMAP.AccessAsUser.All': 'Read and write access to your mailboxes via IMAP',
  'SMTP.Send': 'Send emails from your mailboxes using SMTP AUTH',
  'POP.AccessAsUser.All': 'Read and write access to your mailboxes via POP',
  'User.Read': 'Sign you in and read your profile',
  '.default': 'All permissions that the application declares',
}

/** Form fields: `flow` (hidden), `decision` (`accept` or `cancel`, the two buttons). */
export const consentPage = (props: {
  segment: string
  flow: string
  person: Person
  app: AppRegistration
  scopes: readonly Scope[]
  /** Set when an admin decides for everyone. */
  tenant: Tenant | null
}): Html => {
  const forAll = props.tenant === null ? '' : ` for everyone in ${props.tenant.name}`
  const item = (scope: Scope) => html`<li>${sentences[scope.permission] ?? scope.text}</li>`
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

const trail = (failure: EntraError, support: Trail) => html`<dl>
  <dt>Request Id:</dt><dd>${support.traceId}</dd>
  <dt>Correlation Id:</dt><dd>${support.correlationId}</dd>
  <dt>Timestamp:</dt><dd>${support.timestamp}</dd>
  <dt>Message:</dt><dd><code>${describe(failure, support)}</code></dd>
</dl>`

/** Where a person ends who may not consent. Form fields: `flow`, `decision=return`. */
export const approvalPage = (props: {
  segment: string
  flow: string
  app: AppRegistration
  failure: EntraError
  trail: Trail
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
      ${trail(props.failure, props.trail)}`,
  )

/** A dead end: the app that sent the person here hears nothing. */
export const errorPage = (failure: EntraError, support: Trail): Html => {
  const blocked = failure.aadsts === 53003
  return layout(
    'Sign in to your account',
    html`<h1>${blocked ? 'You cannot access this right now' : 'Sorry, but we’re having trouble signing you in.'}</h1>
      <p>AADSTS${String(failure.aadsts)}: ${failure.text}</p>
      ${trail(failure, support)}`,
  )
}
