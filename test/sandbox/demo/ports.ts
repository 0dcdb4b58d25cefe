/** The ports of the demo: fixed ones for people, free ones for tests. */
import { freePorts, isFree } from '../free-ports.ts'

/** What may be left out with `--without`. */
export const PARTS = ['checker', 'third-party', 'entra', 'mail'] as const
export type Part = (typeof PARTS)[number]

export type DemoPorts = {
  worker: number
  checker: number
  entra: number
  thirdParty: number
  imapStarttls: number
  imapTls: number
  smtpStarttls: number
  smtpTls: number
}

export const defaultPorts: DemoPorts = {
  worker: 8787,
  checker: 8788,
  entra: 8789,
  thirdParty: 8790,
  imapStarttls: 9143,
  imapTls: 9993,
  smtpStarttls: 9587,
  smtpTls: 9465,
}

const portsOf: Record<Part, readonly (keyof DemoPorts)[]> = {
  checker: ['checker'],
  'third-party': ['thirdParty'],
  entra: ['entra'],
  mail: ['imapStarttls', 'imapTls', 'smtpStarttls', 'smtpTls'],
}

/** Whether this port belongs to a part that is left out, and so to whoever wants it. */
export const isLeftOut = (name: keyof DemoPorts, without: readonly Part[]): boolean =>
  without.some((part) => portsOf[part].includes(name))

const portNames: Record<keyof DemoPorts, string> = {
  worker: 'Worker',
  checker: 'checker',
  entra: 'simulated Entra',
  thirdParty: 'third-party page',
  imapStarttls: 'IMAP with STARTTLS',
  imapTls: 'IMAP with TLS',
  smtpStarttls: 'SMTP with STARTTLS',
  smtpTls: 'SMTP with TLS',
}

/** One line per port that is needed and that something else holds. */
export async function takenPorts(ports: DemoPorts, without: readonly Part[]): Promise<string[]> {
  const lines: string[] = []
  for (const name of Object.keys(ports) as (keyof DemoPorts)[]) {
    if (isLeftOut(name, without)) continue
    if (!(await isFree(ports[name]))) {
      lines.push(`Port ${ports[name]} (${portNames[name]}) is taken by another program.`)
    }
  }
  return lines
}

export async function freeDemoPorts(): Promise<DemoPorts> {
  const free = await freePorts(Object.keys(defaultPorts).length)
  const ports = { ...defaultPorts }
  for (const name of Object.keys(ports) as (keyof DemoPorts)[]) ports[name] = free.pop() ?? 0
  return ports
}
