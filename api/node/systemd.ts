/** What systemd passes to a service, its socket, and what the service reports, the end of its start. */
import { execFile } from 'node:child_process'
import { describeError, type Log } from '../log.ts'
import type { Environment } from './settings.ts'
import { StartFailure } from './start-failure.ts'

/** SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST_SOCKET = 3

/** Returns the file descriptor of the socket that systemd has opened for this process, or null. Throws StartFailure. */
export function passedSocket({ LISTEN_PID, LISTEN_FDS }: Environment): number | null {
  if (LISTEN_PID !== String(process.pid)) return null
  if (LISTEN_FDS === '1') return FIRST_SOCKET
  throw new StartFailure(
    'mailgrant.socket has more than one address. Enter one: an empty line "ListenStream=" before yours removes the others.',
  )
}

/** Reports to systemd that the start has ended, if it waits for that (sd_notify(3)). */
export function reportReady({ NOTIFY_SOCKET }: Environment, log: Log): void {
  if (NOTIFY_SOCKET === undefined) return
  // Node cannot send to this kind of socket.
  execFile('systemd-notify', ['--ready'], (error) => {
    if (error) log('error', 'readiness_not_reported', { error: describeError(error) })
  })
}
