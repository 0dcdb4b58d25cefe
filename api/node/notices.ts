/** Messages of a start: plain sentences on a terminal, one JSON line each in a log. */
import { isIP } from 'node:net'
import { BadEnvironment, type Settings } from '../env.ts'
import { describeError } from '../log.ts'
import { processLog } from './log.ts'
import type { NodeSettings } from './settings.ts'
import { PassingFailure, StartFailure } from './start-failure.ts'

/**
 * Escapes control characters and invisible ones, but not the ends of lines. A name in a file that others have changed
 * could otherwise move the cursor or reverse a line on the terminal.
 */
export const printable = (text: string): string =>
  text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  )

/** Prints a sentence. */
export function printNotice(text: string): void {
  if (process.stdout.isTTY) console.log(printable(text))
  else processLog('info', 'start', { detail: text })
}

export function printWarning(text: string): void {
  if (process.stderr.isTTY) console.warn(printable(text))
  else processLog('warn', 'start', { detail: text })
}

/** Prints why the process does not start. Of an unexpected error only what a log may have. */
export function printFailure(error: unknown): void {
  const isExpected = error instanceof BadEnvironment || error instanceof StartFailure
  const text = isExpected ? error.message : describeError(error)
  if (process.stderr.isTTY) console.error(printable(text))
  else for (const line of text.split('\n')) processLog('error', 'start_failed', { detail: line })
}

/** EX_CONFIG of sysexits: another start would fail in the same way. mailgrant.service does not repeat it. */
const EX_CONFIG = 78

/** Returns the exit code of a start that has failed. */
export const exitCodeOf = (error: unknown): number => {
  const isLasting = error instanceof StartFailure && !(error instanceof PassingFailure)
  return isLasting || error instanceof BadEnvironment ? EX_CONFIG : 1
}

/** Returns what an operator must know of a running server. The last line is its address. */
export function runningNotices(
  { publicUrl, urls }: Settings,
  dataDir: string,
  keySource: string,
): string[] {
  return [
    `Data: ${dataDir}. Back it up with the command "backup", and ${keySource} apart from it: without these keys a copy is useless.`,
    `Redirect URIs to register at Microsoft Entra: ${urls.redirectUri}, ${urls.adminConsentRedirectUri} and ${urls.consoleRedirectUri}`,
    `Mailgrant is running at ${publicUrl}/console/`,
  ]
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
        `PORT: this user may not listen on port ${port}. Set PORT to one of 1024 or above.`,
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
