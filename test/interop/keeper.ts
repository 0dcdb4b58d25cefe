/**
 * A process of its own that waits until the one that started it is gone, however that ended, and then
 * ends and removes what it left behind: servers make themselves daemons, and no handler of a process
 * runs when that is killed. It hears `+what` and `-what`, a line each: a process id (a group's is
 * negative) or a folder.
 */
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds to end in order, before it is ended by force. */
const GRACE = 1_000

const left = new Set<string>()
for await (const line of createInterface({ input: process.stdin })) {
  const what = line.slice(1)
  if (line.startsWith('+')) left.add(what)
  else left.delete(what)
}

const isFolder = (what: string) => what.startsWith('/')
const processes = [...left].filter((what) => !isFolder(what)).map(Number)

function signalAll(name: NodeJS.Signals) {
  for (const pid of processes) {
    try {
      process.kill(pid, name)
    } catch {
      // It has gone by itself.
    }
  }
}

if (left.size > 0) {
  signalAll('SIGTERM')
  await pause(GRACE)
  signalAll('SIGKILL')
  for (const folder of [...left].filter(isFolder)) rmSync(folder, { recursive: true, force: true })
}
