/** The integration, read again until it can be used. */
import { useEffect, useState } from 'preact/hooks'
import type { Integration } from '../../../../schema/integration.ts'
import { request } from '../../api.ts'
import { isUsable } from '../../ui/integration.ts'
import type { FormCore } from './form-core.ts'
import { forgetTokenError } from './state.ts'

/**
 * Returns the integration, and a status for screen readers. While it cannot be used, it is read again
 * whenever the page gets the focus. Later changes show as refusals: they must not hide an access token.
 */
export function useIntegration(first: Integration, update: FormCore['update']) {
  const [integration, setIntegration] = useState(first)
  const canUse = isUsable(integration)
  useEffect(() => {
    if (canUse) return
    const listening = new AbortController()
    const { signal } = listening
    const refresh = () => {
      if (document.visibilityState !== 'visible') return
      // If the session has expired, only the next action asks for the key.
      request<Integration>('/v1/integrations/microsoft', { signal, renew: false }).then(
        ({ body }) => {
          if (signal.aborted || isSame(body, integration)) return
          setIntegration(body)
          // The error may concern another field now.
          update(forgetTokenError)
        },
        () => {},
      )
    }
    window.addEventListener('focus', refresh, { signal })
    document.addEventListener('visibilitychange', refresh, { signal })
    return () => listening.abort()
  }, [canUse, integration, update])
  const isNew = canUse && integration !== first
  return { integration, status: isNew ? `${integration.name} can be used now.` : '' }
}

const isSame = (a: Integration, b: Integration) =>
  a.status === b.status && a.configured === b.configured
