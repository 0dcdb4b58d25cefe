/** The printed output of the demo. */
import { passwordAccount, secrets } from '../personas.ts'
import type { Demo } from './launch.ts'
import type { Part } from './ports.ts'

const row = (name: string, value: string) => `  ${name.padEnd(22)} ${value}`

/** Lists what runs where, the credentials of the sandbox, and its people. */
export function introduction(demo: Demo, checkerRuns: boolean): string {
  const { ports, urls, world } = demo
  const unlessExcluded = (part: Part, value: string) =>
    demo.without.includes(part) ? 'not started' : value
  // The name, not the IP address: it is the host to which tokens may be sent.
  const host = 'localhost'
  return [
    'Mailgrant demo: everything below runs on this machine, and none of it is real.',
    '',
    'Running',
    row('API', urls.api),
    row('Documentation', `${urls.api}/docs`),
    row('console', `${urls.api}/console/`),
    row('checker', checkerRuns ? urls.checker : 'not started: validations will be inconclusive'),
    row('simulated Entra', unlessExcluded('entra', urls.entra)),
    row('third-party page', unlessExcluded('third-party', urls.thirdParty)),
    row(
      'IMAP',
      unlessExcluded('mail', `${host}:${ports.imapTls} (TLS), :${ports.imapStarttls} (STARTTLS)`),
    ),
    row(
      'SMTP',
      unlessExcluded('mail', `${host}:${ports.smtpTls} (TLS), :${ports.smtpStarttls} (STARTTLS)`),
    ),
    row('simulated Graph', unlessExcluded('mail', world.graphUrl)),
    '',
    'Credentials',
    row('client ID', world.app.clientId),
    row('client secret', secrets.current),
    row('ROOT_API_KEY', demo.rootApiKey),
    row('mail server CA', world.caFile),
    '',
    'People (no password is required to sign in)',
    ...world.people.map((person) => row(person.username, person.story)),
    row(passwordAccount.username, `no OAuth; IMAP and SMTP password ${passwordAccount.password}`),
    '',
  ].join('\n')
}

/** Lists the first steps, ready to paste. */
export function nextSteps(demo: Demo): string {
  const { api, thirdParty, entra } = demo.urls
  const settings = `{"client_id":"${demo.world.app.clientId}","credential":{"type":"client_secret","client_secret":"${secrets.current}"}}`
  const microsoft = `${api}/v1/integrations/microsoft`
  const runs = (...parts: Part[]) => !parts.some((part) => demo.without.includes(part))
  const onlyWith = (parts: Part[], ...lines: string[]) => (runs(...parts) ? lines : [])
  return [
    '',
    'Next steps',
    `  Open ${api}/console/ and sign in with ROOT_API_KEY to connect the first mailbox.`,
    '',
    ...onlyWith(
      ['checker', 'entra', 'mail'],
      '  npm run smoke                 connects mailboxes and fetches tokens (in another terminal)',
      '',
    ),
    `  export KEY='${demo.rootApiKey}'`,
    `  curl -X POST -H "Authorization: Bearer $KEY" ${microsoft}/activate`,
    `  curl -X PUT -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
    `    -d '${settings}' \\`,
    `    ${microsoft}/settings`,
    '',
    ...onlyWith(['third-party', 'entra'], `  Then open ${thirdParty} and connect a mailbox.`),
    ...onlyWith(
      ['mail'],
      `  Mail programs: ${api}/docs/mail-programs. Let them trust ${demo.world.caFile}; they can log in and send, but read nothing.`,
    ),
    ...onlyWith(
      ['entra'],
      `  ${entra}/sandbox/control changes token lifetimes, simulates outages and counts requests.`,
      '  A refresh token to import, as another product holds it:',
      `  curl -d '{"former_product":{"username":"alice@contoso.test"}}' ${entra}/sandbox/control`,
    ),
    '',
    'Press Ctrl-C to stop the demo.',
  ].join('\n')
}
