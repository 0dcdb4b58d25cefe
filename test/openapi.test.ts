/**
 * Runs the two common OpenAPI linters on the committed document with all recommended rules; a warning
 * counts as an error. Opening a network socket throws, so that nothing leaves this machine.
 */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const { resolve } = createRequire(import.meta.url)
const OFFLINE = `data:text/javascript,${encodeURIComponent(
  "import net from 'node:net'; net.Socket.prototype.connect = () => { throw new Error('the network is off') }",
)}`

/** Returns the output of the command, also if it fails because it found problems. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const node = ['--import', OFFLINE, resolve(command), ...args]
  const result = promisify(execFile)(process.execPath, node, { cwd: root, env })
  const { stdout } = await result.catch((failure: { stdout?: string }) => {
    if (failure.stdout) return { stdout: failure.stdout }
    throw failure
  })
  return stdout
}

describe('the OpenAPI document', { timeout: 180_000 }, () => {
  it("passes Redocly's recommended rules without a warning", async () => {
    const args = ['lint', '--extends=recommended', '--format=json', 'schema/openapi.json']
    const text = await run('@redocly/cli/bin/cli.js', ...args)
    const { problems, totals } = JSON.parse(text)
    expect(problems).toEqual([])
    expect(totals).toMatchObject({ errors: 0, warnings: 0 })
  })

  it("passes Spectral's recommended rules without a warning", async () => {
    const rules = ['--ruleset', 'test/openapi.spectral.yaml', '--fail-severity', 'hint']
    const args = ['lint', ...rules, '--format', 'json', '--quiet', 'schema/openapi.json']
    const text = await run('@stoplight/spectral-cli/dist/index.js', ...args)
    expect(JSON.parse(text)).toEqual([])
  })
})
