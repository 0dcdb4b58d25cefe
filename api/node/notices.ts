/** Messages of a start. */
import { isIP } from 'node:net'
import { BadEnvironment, type Settings } from '../env.ts'
import { describeError } from '../log.ts'
import { PassingFailure, StartFailure } from './failures.ts'
import { processLog } from './log.ts'
import type { NodeSettings } from './settings.ts'

export const printNotice = (text: string): void => processLog('info', 'start', { detail: text })

export const printWarning = (text: string): void => processLog('warn', 'start', { detail: text })

/** Prints why the process does not start. Of an unexpected error, prints only what a log may contain. */
export function printFailure(error: unknown): void {
  const isExpected = error instanceof BadEnvironment || error instanceof StartFailure
  const text = isExpected ? error.message : describeError(error)
  for (const line of text.split('\n')) processLog('error', 'start_failed', { detail: line })
}

/** EX_CONFIG of sysexits: another start would fail in the same way. mailgrant.service does not repeat it. */
const EX_CONFIG = 78

/** Returns the exit code of a start that has failed. */
export const exitCodeOf = (error: unknown): number => {
  const isLasting = error instanceof StartFailure && !(error instanceof PassingFailure)
  return isLasting || error instanceof BadEnvironment ? EX_CONFIG : 1
}

/** Returns the log lines of a server that has started. The last line is its URL. */
export function runningNotices(
  { publicUrl, urls }: Settings,
  dataDir: string,
  keySource: string,
): string[] {
  return [
    `Data: ${dataDir}. Back it up with the command "backup", and back up ${keySource} separately. Without these keys, a copy is useless.`,
    `Redirect URIs to register at Microsoft Entra: ${urls.redirectUri}, ${urls.adminConsentRedirectUri} and ${urls.consoleRedirectUri}`,
    `Mailgrant is running at ${publicUrl}/console/`,
  ]
}

/** Returns the text on a terminal once the server runs. `rootKey`: one that this start has made, or null. */
export function terminalNotice({ publicUrl }: Settings, rootKey: string | null): string {
  const key =
    rootKey === null
      ? ''
      : `Root key: ${rootKey}
Sign in with it, and store it in your password manager: only its hash is kept here.
`
  return `
Mailgrant is running at ${publicUrl}/console/
${key}Warnings and errors are shown here. For the whole log, send the output to a file.
`
}

/** Returns a warning if other machines can connect, but have no address that works for them. */
export function plainHttpWarning({ host }: NodeSettings, { publicUrl }: Settings): string | null {
  if (isLoopback(host) || publicUrl.startsWith('https:')) return null
  return `HOST lets other machines connect, but PUBLIC_URL is ${publicUrl}: browsers and Microsoft need https there. Put a TLS proxy in front, and set PUBLIC_URL to its https:// address.`
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/** Turns an error of listening into a sentence. Unexpected ones stay as they are. */
export function listenFailure({ host, port }: NodeSettings, error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new PassingFailure(
        `PORT: another program listens on ${host}, port ${port}. Stop it, or set PORT to a free port.`,
      )
    case 'EACCES':
      return new StartFailure(
        `PORT: this user isn't allowed to listen on port ${port}. Set PORT to one of 1024 or above.`,
      )
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new PassingFailure(
        `HOST: ${host} is not an address of this machine. Set HOST to one, such as 127.0.0.1, or :: for all.`,
      )
    default:
      return error
  }
}
