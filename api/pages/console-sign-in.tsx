/** Page for a person who could not be signed in to the console. In English, as the console is. */
import type { ConsoleSignInRefusal, SignInOff } from '../domain/sign-ins/console-sign-in.ts'
import { CONSOLE, CONSOLE_SIGN_IN } from '../paths.ts'
import { Copyable, Layout, type PageContext, type PageStatus } from './layout.tsx'
import { Step } from './next-step.tsx'

type Content = {
  /** 400 unless stated. */
  status?: PageStatus
  title?: string
  text: string
  /** Advice; absent if signing in again is enough. */
  step?: string
  /** Label of the link that starts again; null where that would not help. */
  again?: string | null
}

const ROOT_KEY = 'The root key always opens the console.'

const OFF: Record<SignInOff, Content> = {
  no_app: {
    text: 'The app registration is not configured yet.',
    step: 'Sign in with the root key and set up the Microsoft integration.',
  },
  no_home_tenant: {
    text: 'The home tenant of the app registration is not known, and roles count only there.',
    step: 'Sign in with the root key and enter the home tenant in the settings of the Microsoft integration: the Directory (tenant) ID of the app registration.',
  },
  settings_damaged: {
    text: 'The stored Microsoft settings are damaged, or something other than Mailgrant has changed them, so Mailgrant does not use them.',
    step: 'Sign in with the root key. Compare client ID, cloud and tenants in the Microsoft settings with the app registration, and save them with a credential: the client secret, a new certificate that you upload to Entra, or the federated credential.',
  },
  unknown_home_tenant: {
    text: "Microsoft doesn't know the domain that is saved as the home tenant.",
    step: 'Sign in with the root key and correct the home tenant in the settings of the Microsoft integration. Best is its Directory (tenant) ID.',
  },
}

function contentOf(refusal: ConsoleSignInRefusal): Content {
  switch (refusal.kind) {
    case 'off':
      return {
        status: 409,
        title: 'Sign-in with Microsoft is not available',
        ...OFF[refusal.why],
        again: null,
      }
    case 'empty':
      return { text: 'This page was reloaded. The sign-in is over.' }
    case 'malformed':
      return { text: 'The response from Microsoft is incomplete.' }
    case 'not_started':
      return {
        text: 'This sign-in was started in another browser, started again in another window, or has already been used. Nothing was done with it.',
      }
    case 'expired':
      return { text: 'The sign-in took longer than 10 minutes.' }
    case 'changed':
      return { text: 'The app registration was changed during the sign-in.' }
    case 'unavailable':
      return {
        status: 503,
        text: 'Microsoft cannot be reached at the moment.',
        step: `Try again in a few minutes. ${ROOT_KEY}`,
      }
    case 'too_many':
      return {
        status: 429,
        text: 'There were too many sign-ins from your address within a minute.',
        step: `Try again in a minute. ${ROOT_KEY}`,
      }
    case 'refused':
      return { text: refusal.detail }
    case 'credential_rejected':
      return {
        status: 503,
        title: 'Microsoft refuses the credential of the app',
        text: refusal.detail,
        step: `Sign in with an API key and replace the credential in the settings of the Microsoft integration. ${ROOT_KEY}`,
        again: null,
      }
    case 'not_proven':
      return {
        text: `The response from Microsoft does not prove who signed in (${refusal.fault.replaceAll('_', ' ')}).`,
        step: "If this happens again, tell your Mailgrant administrator. One possible reason is that the server's clock is wrong.",
      }
    case 'foreign_tenant':
      return {
        status: 403,
        title: 'This account belongs to another organisation',
        text: 'Only accounts of the organisation where the app is registered can open the console, whatever roles other organisations assign.',
        again: 'Use another account',
      }
    case 'no_role':
      return {
        status: 403,
        title: 'You have no role in this console',
        text: `You signed in as ${refusal.person.name}, but no role is assigned to you.`,
        step: 'Send your object ID to your Microsoft 365 admin, who can assign a role in Entra under Enterprise apps, this app, Users and groups (Mailgrant.Viewer, Mailgrant.Operator or Mailgrant.Admin). Your Mailgrant administrator can also make you an administrator with the setting CONSOLE_ADMINS. Then sign in again.',
        again: 'Use another account',
      }
  }
}

export const signInPageStatus = (refusal: ConsoleSignInRefusal): PageStatus =>
  contentOf(refusal).status ?? 400

export function ConsoleSignInPage(props: { context: PageContext; refusal: ConsoleSignInRefusal }) {
  const { context, refusal } = props
  const { texts } = context
  const {
    title = 'You are not signed in',
    text,
    step,
    again = 'Sign in again',
  } = contentOf(refusal)
  return (
    // The script removes Microsoft's response from the URL.
    <Layout context={context} title={title} mark="bad" script={{}}>
      <p>{text}</p>
      {step && <Step texts={texts} text={step} />}
      {refusal.kind === 'no_role' && (
        <Copyable texts={texts} value={refusal.person.id} label="Your object ID" copy="Copy ID" />
      )}
      {again && (
        <p>
          <a href={CONSOLE_SIGN_IN} class="button">
            {again}
          </a>
        </p>
      )}
      <p>
        <a href={CONSOLE}>{again ? 'Sign in with an API key' : 'Go to the console'}</a>
      </p>
    </Layout>
  )
}
