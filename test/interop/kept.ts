/** What must not outlive this process: told to a keeper, which survives it for just as long. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let keeper: ChildProcess | null = null

function tell(line: string): void {
  if (keeper === null) {
    const script = new URL('keeper.ts', import.meta.url).pathname
    // Detached: a Ctrl-C is for this process, the keeper then has work to do.
    keeper = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    keeper.unref()
  }
  keeper.stdin?.write(`${line}\n`)
}

/** A process id, or a process group's, which is negative. */
export const keepProcess = (pid: number): void => tell(`+${pid}`)
export const letGoProcess = (pid: number): void => tell(`-${pid}`)

/** An empty folder that every user may pass through, since servers run as users of their own. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'mailgrant-interop-'))
  tell(`+${path}`)
  await chmod(path, 0o755)
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true })
      tell(`-${path}`)
    },
  }
}
