/** Values for fixes, taken from the report itself. The caller's values take precedence. */
import type { FixValues } from '../render-template.ts'
import type { Report } from '../report.ts'

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const REDIRECT = /(?:redirect|reply) (?:uri|url|address)[^'"`]{0,20}['"`]([^'"`\s]{8,500})['"`]/i
const APPLICATION = new RegExp(
  `(?:application|app|client)(?: with)?(?: id(?:entifier)?)?[^a-z0-9]{1,4}(${GUID})`,
  'i',
)
/** Placeholder in Microsoft's documents and in anonymised reports. */
const ZERO_GUID = /^[0-]+$/

export function valuesIn({ error, evidence = {} }: Report): FixValues {
  const text = error.slice(0, 8192)
  const clientId = APPLICATION.exec(text)?.[1]
  const redirectUri = REDIRECT.exec(text)?.[1]
  return {
    mailbox: evidence.username?.includes('@') ? evidence.username : undefined,
    signedInAs: evidence.signed_in_as,
    tenant: evidence.tenant,
    host: evidence.host?.trim(),
    port: evidence.port,
    clientId: clientId && !ZERO_GUID.test(clientId) ? clientId : undefined,
    redirectUri: redirectUri && URL.canParse(redirectUri) ? redirectUri : undefined,
  }
}
