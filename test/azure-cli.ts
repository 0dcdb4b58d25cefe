import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from './temporary-folder.ts'

export type Run = { code: number; stdout: string; stderr: string; calls: string[][] }

/**
 * Creates a folder with a fake Azure CLI, in which bash runs scripts one after the other. The CLI records its
 * arguments; `responses` are the `case` branches that print what the real CLI would.
 */
export function createAzureCli(responses: string) {
  const folder = createTemporaryFolder()
  const cli = `#!/usr/bin/env bash
cd "$AZ_DIRECTORY"
printf '%s\\0' "$@" >> notes
printf '\\n' >> notes
case "$*" in
${responses}
esac
`
  writeFileSync(join(folder, 'az'), cli, { mode: 0o755 })
  return {
    folder,
    async run(script: string, options: string[], environment: Record<string, string>) {
      writeFileSync(join(folder, 'notes'), '')
      writeFileSync(join(folder, 'setup.sh'), script)
      const env = { PATH: `${folder}:/usr/bin:/bin`, AZ_DIRECTORY: folder, ...environment }
      const done = await new Promise<Omit<Run, 'calls'>>((resolve) => {
        execFile('bash', ['setup.sh', ...options], { cwd: folder, env }, (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
        )
      })
      const lines = readFileSync(join(folder, 'notes'), 'utf8').split('\0\n').slice(0, -1)
      return { ...done, calls: lines.map((line) => line.split('\0')) }
    },
  }
}
