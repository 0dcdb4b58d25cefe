/** What has to be installed and who has to run this, said clearly before anything starts. */
import { existsSync } from 'node:fs'

const SBIN = ['/usr/sbin', '/usr/local/sbin', '/usr/bin']

const DOVECOT = find('dovecot')
const POSTFIX = find('postfix')

function find(program: string): string | null {
  return SBIN.map((folder) => `${folder}/${program}`).find(existsSync) ?? null
}

/** Throws, so that a test run without the servers fails rather than passing by skipping. */
export function requireMailServers(): { dovecot: string; postfix: string } {
  const imap = ['/usr/lib/dovecot/imap', '/usr/libexec/dovecot/imap'].some(existsSync)
  if (DOVECOT === null || POSTFIX === null || !imap) {
    throw new Error(
      'These tests need Dovecot 2.4 with IMAP, and Postfix. On Debian 13 or later: apt-get install --no-install-recommends dovecot-imapd postfix',
    )
  }
  // Postfix's master and Dovecot's login processes change to users of their own.
  if (process.getuid?.() !== 0) {
    throw new Error('These tests start Dovecot and Postfix, which takes root: run them as root.')
  }
  return { dovecot: DOVECOT, postfix: POSTFIX }
}

/** Vitest calls it before the first file; an error ends the run. */
export const setup = (): void => void requireMailServers()
