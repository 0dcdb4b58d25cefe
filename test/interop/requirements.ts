/** Checks that the required programs are installed and that the tests run as root. */
import { existsSync } from 'node:fs'

const SBIN = ['/usr/sbin', '/usr/local/sbin', '/usr/bin']

const DOVECOT = find('dovecot')
const POSTFIX = find('postfix')
const POSTCONF = find('postconf')

function find(program: string): string | null {
  return SBIN.map((folder) => `${folder}/${program}`).find(existsSync) ?? null
}

/** Throws, so that a run without the servers fails instead of skipping its tests. */
export function requireMailServers(): { dovecot: string; postfix: string; postconf: string } {
  const imap = ['/usr/lib/dovecot/imap', '/usr/libexec/dovecot/imap'].some(existsSync)
  if (DOVECOT === null || POSTFIX === null || POSTCONF === null || !imap) {
    throw new Error(
      'These tests need Dovecot 2.4 with IMAP, and Postfix. On Debian 13 or later: apt-get install --no-install-recommends dovecot-imapd postfix',
    )
  }
  // Postfix's master and Dovecot's login processes switch to their own users.
  if (process.getuid?.() !== 0) {
    throw new Error('These tests start Dovecot and Postfix, which requires root: run them as root.')
  }
  return { dovecot: DOVECOT, postfix: POSTFIX, postconf: POSTCONF }
}

/** Runs before the first test file (Vitest's global setup). */
export const setup = (): void => void requireMailServers()
