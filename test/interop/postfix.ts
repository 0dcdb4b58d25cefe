/**
 * Starts a separate Postfix on loopback, with Debian's main.cf: submission with STARTTLS, logins through
 * Dovecot. Mail to other domains is refused, mail to its own is stored in one folder.
 */
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from '../sandbox/mail/certificates.ts'
import { registerProcess } from './cleanup.ts'
import { DOMAIN, pavel } from './people.ts'
import { freePorts, untilListening } from './ports.ts'
import { end, run } from './programs.ts'
import { requireMailServers } from './requirements.ts'

/** Debian's data folder of Postfix. Its owner is the user that Postfix runs as. */
const SYSTEM_DATA = '/var/lib/postfix'
/** The main.cf that Debian's package installs. */
const DEBIAN_SETTINGS = '/usr/share/postfix/main.cf.debian'

export type PostfixOptions = {
  /** Empty folder for all files; every user can enter it. */
  folder: string
  certificate: Certificate
  /** Path of Dovecot's SASL socket. */
  saslSocket: string
}

export type Postfix = {
  submission: number
  /** Returns the stored messages. */
  messages: () => Promise<string[]>
  /** Returns the settings that differ from Postfix's own defaults. */
  changedSettings: () => Promise<string>
  log: () => Promise<string>
  stop: () => Promise<void>
}

export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const { postfix, postconf } = requireMailServers()
  const { folder, certificate } = options
  const [submission = 0] = await freePorts(1)
  const [config, data] = [join(folder, 'config'), join(folder, 'data')]
  for (const each of [config, data, join(folder, 'queue')]) await mkdir(each, { recursive: true })
  const { uid, gid } = await stat(SYSTEM_DATA)
  await chown(data, uid, 0)
  const mail = join(folder, 'mail')
  await mkdir(mail)
  await chown(mail, uid, gid)
  const chain = `${certificate.key}\n${certificate.cert}`
  await writeFile(join(folder, 'chain.pem'), chain, { mode: 0o600 })
  await writeFile(join(config, 'main.cf'), await mainSettings(options, { uid, gid }))
  await writeFile(join(config, 'master.cf'), services(submission))

  const output = await run(postfix, ['-c', config, 'start'])
  const log = async () =>
    `${output}\n${await readFile(join(folder, 'postfix.log'), 'utf8').catch(() => '')}`
  const pid = Number(await readFile(join(folder, 'queue', 'pid', 'master.pid'), 'utf8'))
  registerProcess(pid)
  const stop = () => end(pid)
  try {
    await untilListening([submission], async () => `Postfix did not start: ${await log()}`)
  } catch (error) {
    await stop()
    throw error
  }
  const changedSettings = () => run(postconf, ['-c', config, '-n'])
  const inbox = join(mail, 'inbox', 'new')
  const messages = async () => {
    const names = await readdir(inbox).catch(() => [])
    return Promise.all(names.map((name) => readFile(join(inbox, name), 'latin1')))
  }
  return { submission, messages, changedSettings, log, stop }
}

/**
 * Returns Debian's main.cf, with the settings of a submission server in place of its own: paths, domain, TLS
 * and SASL. No limit is changed, so the server reads lines as every Postfix does: 2,048 octets of a command,
 * 12,288 of a SASL response.
 */
async function mainSettings(options: PostfixOptions, owner: Owner): Promise<string> {
  const own = ownSettings(options, owner)
  const names = new Set(Array.from(own.matchAll(/^(\w+) =/gm), ([, name]) => name))
  const shipped = (await readFile(DEBIAN_SETTINGS, 'utf8')).split('\n')
  return [...shipped.filter((line) => !names.has(/^(\w+) =/.exec(line)?.[1])), own].join('\n')
}

/** User that the stored messages belong to. */
type Owner = { uid: number; gid: number }

const ownSettings = ({ folder, saslSocket }: PostfixOptions, { uid, gid }: Owner) => `
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
myhostname = localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4

mydestination = ${DOMAIN}
mynetworks =
alias_maps =
alias_database =
default_transport = error:nothing leaves this server
local_transport = virtual
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${gid}
virtual_minimum_uid = 1
local_recipient_maps =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sender_login_maps = inline:{${pavel.username}=${pavel.username}}
smtpd_sender_restrictions = reject_known_sender_login_mismatch

smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = ${folder}/chain.pem

smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${saslSocket}
smtpd_sasl_security_options = noanonymous
# A refusal must not delay the next login.
smtpd_error_sleep_time = 0
`

/** Columns: type, private, unprivileged, chroot, wakeup, process limit. */
const services = (port: number) => `
127.0.0.1:${port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
tlsmgr  unix - - n 1000? 1 tlsmgr
anvil   unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 300 1 qmgr
virtual unix - n n - - virtual
error   unix - - n - - error
`
