/**
 * Starts a separate Dovecot on loopback: IMAP over TLS and STARTTLS, login by access token, each token
 * checked at the authorization server. Postfix uses its SASL socket.
 */
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from '../sandbox/mail/certificates.ts'
import { freePorts, untilListening } from './ports.ts'
import { run, start } from './programs.ts'
import { requireMailServers } from './requirements.ts'

/** User `nobody`, owner of the mailboxes: Dovecot does not open mailboxes as root. */
const MAIL_USER = 65_534

export type DovecotOptions = {
  /** Empty folder for all files; every user can enter it. */
  folder: string
  certificate: Certificate
  /** Introspection endpoint (RFC 7662), including credentials. */
  introspectionUrl: string
}

export type Dovecot = {
  imapTls: number
  imapStarttls: number
  /** Unix socket for `smtpd_sasl_path`. */
  saslSocket: string
  log: () => Promise<string>
  /** Ends all sessions of the user. */
  kick: (username: string) => Promise<void>
  stop: () => Promise<void>
}

export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const { dovecot } = requireMailServers()
  const { folder, certificate } = options
  const [imapTls = 0, imapStarttls = 0] = await freePorts(2)
  const mail = join(folder, 'mail')
  await mkdir(mail, { recursive: true })
  await chown(mail, MAIL_USER, MAIL_USER)
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'cert.pem'), certificate.cert)
  await writeFile(join(folder, 'key.pem'), certificate.key, { mode: 0o600 })
  const config = join(folder, 'dovecot.conf')
  await writeFile(config, configuration(options, imapTls, imapStarttls))

  const program = start(dovecot, ['-F', '-c', config])
  const log = async () =>
    `${program.output()}\n${await readFile(join(folder, 'dovecot.log'), 'utf8').catch(() => '')}`
  try {
    await untilListening(
      [imapTls, imapStarttls],
      async () => `Dovecot did not start: ${await log()}`,
    )
  } catch (error) {
    await program.stop()
    throw error
  }
  const saslSocket = join(folder, 'run', 'postfix-sasl')
  const kick = async (username: string) => {
    await run('/usr/bin/doveadm', ['-c', config, 'kick', username])
  }
  return { imapTls, imapStarttls, saslSocket, log, kick, stop: program.stop }
}

const configuration = (
  { folder, introspectionUrl }: DovecotOptions,
  imapTls: number,
  imapStarttls: number,
) => `
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1

ssl = required
ssl_server_cert_file = ${folder}/cert.pem
ssl_server_key_file = ${folder}/key.pem

# Offers both, as many servers do, so that the client has to choose.
auth_mechanisms = xoauth2 oauthbearer
oauth2 {
  introspection_mode = post
  introspection_url = ${introspectionUrl}
  force_introspection = yes
  active_attribute = active
  active_value = true
  username_attribute = username
}
passdb oauth2 {
}
userdb static {
  fields {
    uid = ${MAIL_USER}
    gid = ${MAIL_USER}
    home = ${folder}/mail/%{user}
  }
}
mail_driver = maildir
mail_path = ~/Maildir

# A refusal must not delay the next login.
auth_failure_delay = 0
auth_internal_failure_delay = 0
mail_max_userip_connections = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}

service imap-login {
  inet_listener imap {
    port = ${imapStarttls}
  }
  inet_listener imaps {
    port = ${imapTls}
    ssl = yes
  }
}
service auth {
  unix_listener postfix-sasl {
    mode = 0666
  }
}
`
