/** Registers processes and folders that must not outlive this process; a cleanup process removes them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let cleaner: ChildProcess | null = null

function send(line: string): void {
  if (cleaner === null) {
    const script = new URL('cleanup-process.ts', import.meta.url).pathname
    // Detached, so that it survives a Ctrl-C.
    cleaner = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    cleaner.unref()
  }
  cleaner.stdin?.write(`${line}\n`)
}

/** Registers a process id, or a negative process group id. */
export const registerProcess = (pid: number): void => send(`+${pid}`)
export const unregisterProcess = (pid: number): void => send(`-${pid}`)

/** Creates an empty folder that every user can enter, because servers run as their own users. */
export async function createTemporaryFolder(): Promise<{
  path: string
  remove: () => Promise<void>
}> {
  const path = await mkdtemp(join(tmpdir(), 'mailgrant-interop-'))
  send(`+${path}`)
  await chmod(path, 0o755)
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true })
      send(`-${path}`)
    },
  }
}
