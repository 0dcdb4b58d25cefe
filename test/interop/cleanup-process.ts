/**
 * A separate process that waits until its parent has exited, for whatever reason, and then removes what the parent left
 * behind, since servers run as daemons, and a process that is killed runs no handlers. It reads lines of `+resource`
 * and `-resource`, where a resource is a process id (negative for a group) or a folder.
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

/** Time between SIGTERM and SIGKILL. */
const GRACE_MS = 1_000

const resources = new Set<string>()
for await (const line of createInterface({ input: process.stdin })) {
  const resource = line.slice(1)
  if (line.startsWith('+')) resources.add(resource)
  else resources.delete(resource)
}

const isFolder = (resource: string) => resource.startsWith('/')
const processes = [...resources].filter((resource) => !isFolder(resource)).map(Number)

function signalAll(name: NodeJS.Signals) {
  for (const pid of processes) {
    try {
      process.kill(pid, name)
    } catch {
      // Already exited.
    }
  }
}

if (resources.size > 0) {
  signalAll('SIGTERM')
  await pause(GRACE_MS)
  signalAll('SIGKILL')
  for (const folder of [...resources].filter(isFolder))
    rmSync(folder, { recursive: true, force: true })
}
