/** Fault injection at the token endpoint. */
import type { Fault, GrantType } from './control-schema.ts'
import { type EntraError, entraError } from './errors.ts'
import { graphOrigins } from './scopes.ts'
import type { State } from './state.ts'

/** Takes the first pending fault for this grant type and resource, and decrements its `times`. */
export function takeFault(state: State, grantType: GrantType | null, scope: string): Fault | null {
  const resource = scope.includes(`${graphOrigins[state.cloud]}/`) ? 'graph' : 'outlook'
  const fault = state.faults.find(
    (candidate) =>
      (candidate.grant_type === undefined || candidate.grant_type === grantType) &&
      (candidate.resource === undefined || candidate.resource === resource),
  )
  if (!fault) return null
  fault.times -= 1
  if (fault.times === 0) state.faults.splice(state.faults.indexOf(fault), 1)
  return fault
}

const html =
  '<!DOCTYPE html><html><body><h1>Our services are not available right now</h1></body></html>'

/** Returns the complete response of a fault that ignores the request; null for other faults. */
export function faultResponse(
  fault: Fault,
  refuse: (failure: EntraError) => Response,
): Response | null {
  const retryAfter = (seconds: number) => ({ 'retry-after': String(seconds) })
  switch (fault.kind) {
    case 'outage': {
      const response = refuse(entraError(90033))
      if (fault.retry_after !== undefined) {
        response.headers.set('retry-after', String(fault.retry_after))
      }
      return response
    }
    case 'html':
      return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
    case 'rate_limit':
      return new Response('Too many requests', {
        status: 429,
        headers: { 'content-type': 'text/plain', ...retryAfter(fault.retry_after ?? 60) },
      })
    case 'loop_detected':
      return refuse(entraError(50196))
    case 'server_error':
      return new Response(null, { status: 500 })
    default:
      return null
  }
}
