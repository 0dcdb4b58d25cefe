/**
 * The settings of a server of one's own. The only file in api/ that reads the environment of the process,
 * apart from `.env` in the working directory, which fills what the environment lacks.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { BadEnvironment } from '../env.ts'

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .pipe(z.int().max(65_535))

const NodeVariables = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(8787),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .transform((path) => resolve(path)),
})

export type NodeSettings = {
  host: string
  port: number
  /** Absolute path of the folder with the database and, unless the environment has them, the keys. */
  dataDir: string
}

/** Returns the environment of the process, with what `.env` adds. */
export function readEnvironment(): Record<string, string | undefined> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return process.env
}

/** Parses what only a server of one's own has. Throws BadEnvironment with one line per invalid setting. */
export function readNodeSettings(environment: Record<string, string | undefined>): NodeSettings {
  const parsed = NodeVariables.safeParse(environment)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new BadEnvironment(`These settings are missing or invalid:\n${lines.join('\n')}`)
  }
  const { HOST, PORT, DATA_DIR } = parsed.data
  return { host: HOST, port: PORT, dataDir: DATA_DIR }
}
