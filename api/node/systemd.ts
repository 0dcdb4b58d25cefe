/** The interface to systemd: the socket that it passes to a service, and the report that the start has ended. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { SECOND_MS } from '../../schema/durations.ts'
import { PassingFailure, StartFailure } from './failures.ts'
import type { Environment } from './settings.ts'

/** SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST_SOCKET = 3

/** systemd-notify itself waits 5 s for systemd to take the message. */
const NOTIFY_TIMEOUT_MS = 10 * SECOND_MS

const run = promisify(execFile)

/** Returns the file descriptor of the socket that systemd has opened for this process, or null. Throws StartFailure. */
export function passedSocket({ LISTEN_PID, LISTEN_FDS }: Environment): number | null {
  if (LISTEN_PID !== String(process.pid)) return null
  if (LISTEN_FDS === '1') return FIRST_SOCKET
  throw new StartFailure(
    'mailgrant.socket has more than one address. Enter one: an empty line "ListenStream=" before yours removes the others.',
  )
}

/**
 * Reports to systemd that the start has ended, if it waits for that (sd_notify(3)). Throws PassingFailure: without the
 * report, `systemctl start` would wait forever.
 */
export async function reportReady({ NOTIFY_SOCKET }: Environment): Promise<void> {
  if (NOTIFY_SOCKET === undefined) return
  try {
    // Node cannot send to this kind of socket.
    await run('systemd-notify', ['--ready'], { timeout: NOTIFY_TIMEOUT_MS })
  } catch (error) {
    throw new PassingFailure(
      `Mailgrant could not report to systemd that it is ready, so it stopped. Check that the program systemd-notify is installed and that the unit's user is allowed to run it. ${String(error).trim()}`,
    )
  }
}
