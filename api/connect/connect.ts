/** Browser helper: a single call in a click handler, from an empty popup to the outcome of the sign-in. */
import { showBox } from './box.ts'
import { openSignIn } from './open-sign-in.ts'
import type * as published from './published.d.ts'

export const connect: typeof published.connect = (start, options = {}) =>
  openSignIn(start, showBox, options.signal)

let redirectResult: published.RedirectResult | null = null

export const getRedirectResult: typeof published.getRedirectResult = () => {
  const url = new URL(location.href)
  const authorization = url.searchParams.get('authorization')
  const named = url.searchParams.get('status')
  const status = (['completed', 'failed', 'expired'] as const).find((each) => each === named)
  if (!authorization?.startsWith('az_') || !status) return redirectResult
  url.searchParams.delete('authorization')
  url.searchParams.delete('status')
  history.replaceState(history.state, '', url)
  redirectResult = { authorization, status }
  return redirectResult
}
