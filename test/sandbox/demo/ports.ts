/** The ports of the demo: fixed ones for people, free ones for tests. */
import { freePorts, isFree } from '../free-ports.ts'

/** Parts that `--without` accepts. */
export const PARTS = ['checker', 'third-party', 'entra', 'mail'] as const
export type Part = (typeof PARTS)[number]

export type DemoPorts = {
  api: number
  checker: number
  entra: number
  thirdParty: number
  graph: number
  imapStarttls: number
  imapTls: number
  smtpStarttls: number
  smtpTls: number
}

export const defaultPorts: DemoPorts = {
  api: 8787,
  checker: 8788,
  entra: 8789,
  thirdParty: 8790,
  graph: 8791,
  imapStarttls: 9143,
  imapTls: 9993,
  smtpStarttls: 9587,
  smtpTls: 9465,
}

const portsOf: Record<Part, readonly (keyof DemoPorts)[]> = {
  checker: ['checker'],
  'third-party': ['thirdParty'],
  entra: ['entra'],
  mail: ['graph', 'imapStarttls', 'imapTls', 'smtpStarttls', 'smtpTls'],
}

/** Returns true for the port of an excluded part, which any other program may use. */
export const isExcluded = (name: keyof DemoPorts, without: readonly Part[]): boolean =>
  without.some((part) => portsOf[part].includes(name))

const portNames: Record<keyof DemoPorts, string> = {
  api: 'API',
  checker: 'checker',
  entra: 'simulated Entra',
  thirdParty: 'third-party page',
  graph: 'simulated Microsoft Graph',
  imapStarttls: 'IMAP with STARTTLS',
  imapTls: 'IMAP with TLS',
  smtpStarttls: 'SMTP with STARTTLS',
  smtpTls: 'SMTP with TLS',
}

/** Returns one message for each required port that another program is using. */
export async function occupiedPorts(ports: DemoPorts, without: readonly Part[]): Promise<string[]> {
  const lines: string[] = []
  for (const name of Object.keys(ports) as (keyof DemoPorts)[]) {
    if (isExcluded(name, without)) continue
    if (!(await isFree(ports[name]))) {
      lines.push(`Port ${ports[name]} (${portNames[name]}) is in use by another program.`)
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
