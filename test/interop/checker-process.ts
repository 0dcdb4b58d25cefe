/** Starts the checker as it is deployed: as its own process, configured by its environment. */
import { randomBytes } from 'node:crypto'
import { createCheckerClient } from '../../api/checker-client.ts'
import type { ProbeReport, ProbeRequest } from '../../schema/probe.ts'
import { KeyRingSetting } from '../../schema/settings.ts'
import { until } from './ports.ts'
import { start } from './programs.ts'

export type Checker = {
  url: string
  /** The value of CHECKER_KEY, for the Worker. */
  key: string
  /** Requests one probe with the Worker's own client and sealed messages. */
  probe: (request: ProbeRequest) => Promise<ProbeReport>
  output: () => string
  stop: () => Promise<void>
}

/** Returns the Worker's own client for a checker with this key. */
export const clientOf = (url: string, key: string) =>
  createCheckerClient({
    fetch,
    url,
    ring: KeyRingSetting.parse(key),
    now: () => new Date(),
    random: (n) => crypto.getRandomValues(new Uint8Array(n)),
  })

export async function startChecker(environment: Record<string, string>): Promise<Checker> {
  const key = `interop:${randomBytes(32).toString('base64')}`
  const program = start(process.execPath, ['checker/main.ts'], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DRAIN_SECONDS: '0',
      CHECKER_KEY: key,
      ...environment,
    },
  })
  const port = () => /"port":(\d+).*"event":"listening"/.exec(program.output())?.[1]
  try {
    await until(
      () => port() !== undefined,
      () => `The checker did not start: ${program.output()}`,
    )
  } catch (error) {
    await program.stop()
    throw error
  }
  const url = `http://127.0.0.1:${port()}`
  const client = clientOf(url, key)
  return {
    url,
    key,
    async probe(request) {
      const response = await client.probe(request)
      if (response.ok) return response.value
      throw new Error(`the checker returned no report: ${JSON.stringify(response.error)}`)
    },
    output: program.output,
    stop: program.stop,
  }
}
