/** What the demo tells the person who started it. */
import { passwordAccount, secrets } from '../cast.ts'
import type { Demo } from './launch.ts'

const row = (name: string, value: string) => `  ${name.padEnd(22)} ${value}`

/** What runs where, what the sandbox takes, who lives in it. */
export function introduction(demo: Demo, checkerRuns: boolean): string {
  const { ports, urls, world } = demo
  const out = (part: 'checker' | 'entra' | 'mail' | 'third-party', value: string) =>
    demo.without.includes(part) ? 'left out' : value
  // The name, not the address: it is what tokens may be sent to.
  const host = 'localhost'
  return [
    'Mailgrant demo: everything below runs on this machine, and nothing of it is real.',
    '',
    'Runs at',
    row('API', urls.api),
    row('its reference', `${urls.api}/docs`),
    row('console', `${urls.api}/console/`),
    row('checker', checkerRuns ? urls.checker : 'left out: validations will be inconclusive'),
    row('simulated Entra', out('entra', urls.entra)),
    row('third-party page', out('third-party', urls.thirdParty)),
    row('IMAP', out('mail', `${host}:${ports.imapTls} (TLS), :${ports.imapStarttls} (STARTTLS)`)),
    row('SMTP', out('mail', `${host}:${ports.smtpTls} (TLS), :${ports.smtpStarttls} (STARTTLS)`)),
    '',
    'The sandbox takes',
    row('client id', world.app.clientId),
    row('client secret', secrets.current),
    row('ROOT_API_KEY', demo.rootApiKey),
    row('CA of the mail servers', world.caFile),
    '',
    'Who lives in it (nobody needs a password to sign in)',
    ...world.people.map((person) => row(person.username, person.story)),
    row(passwordAccount.username, `no OAuth: IMAP and SMTP password ${passwordAccount.password}`),
    '',
  ].join('\n')
}

/** The first steps, ready to paste. */
export function nextSteps(demo: Demo): string {
  const { api, thirdParty, entra } = demo.urls
  const settings = `{"client_id":"${demo.world.app.clientId}","credential":{"type":"client_secret","client_secret":"${secrets.current}"}}`
  const microsoft = `${api}/v1/integrations/microsoft`
  return [
    '',
    'What to do next',
    `  Open ${api}/console/ and sign in with ROOT_API_KEY: it leads to the first mailbox.`,
    '',
    '  npm run smoke                 drives the main job, a line per step (in another terminal)',
    '',
    `  export KEY='${demo.rootApiKey}'`,
    `  curl -X POST -H "Authorization: Bearer $KEY" ${microsoft}/activate`,
    `  curl -X PUT -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
    `    -d '${settings}' \\`,
    `    ${microsoft}/settings`,
    '',
    `  Then open ${thirdParty} and connect a mailbox.`,
    `  Time is bent at ${entra}/sandbox/control: tokens of a minute, outages, counts.`,
    '',
    'Ctrl-C ends all of it.',
  ].join('\n')
}
