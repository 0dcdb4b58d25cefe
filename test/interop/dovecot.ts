/**
 * A Dovecot of its own: IMAP with TLS and with STARTTLS on loopback, logins by access token, each
 * token shown to the authorization server. Its SASL socket serves Postfix as well.
 */
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from '../sandbox/mail/certificates.ts'
import { requireMailServers } from './needs.ts'
import { freePorts, untilListening } from './ports.ts'
import { start } from './programs.ts'

/** `nobody`: owns the mailboxes, since Dovecot opens none as root. */
const MAIL_USER = 65_534

export type DovecotOptions = {
  /** An empty folder that every user may pass through; all files go there. */
  folder: string
  certificate: Certificate
  /** Where to ask about a token (RFC 7662), with the credentials for it. */
  introspectionUrl: string
}

export type Dovecot = {
  imapTls: number
  imapStarttls: number
  /** Unix socket for `smtpd_sasl_path`. */
  saslSocket: string
  log: () => Promise<string>
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
      async () => `Dovecot does not listen: ${await log()}`,
    )
  } catch (error) {
    await program.stop()
    throw error
  }
  const saslSocket = join(folder, 'run', 'postfix-sasl')
  return { imapTls, imapStarttls, saslSocket, log, stop: program.stop }
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

# Both are offered, as many servers do: a client has to choose.
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

# A refusal must not make the next login wait.
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
