/**
 * Processes of the bench, spoken to over Node's IPC. Each ends with its channel (see child-hook.ts),
 * so none outlives this process, whatever happens to it.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Child = {
  /** Sends a message and takes the next one that comes back. One at a time. */
  ask: (message: unknown) => Promise<unknown>
  /** The first message, which some children send by themselves when they are ready. */
  first: Promise<unknown>
  stop: () => Promise<void>
}

export type ChildOptions = {
  args?: readonly string[]
  /** Flags of Node. */
  flags?: readonly string[]
  env?: Record<string, string>
}

const HOOK = new URL('./child-hook.ts', import.meta.url).href

/** `file` is relative to this folder. What it writes is dropped, errors apart. */
export function startChild(file: string, { args = [], flags = [], env = {} }: ChildOptions): Child {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    execArgv: ['--import', HOOK, ...flags],
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  // Not `close`, which never comes once the channel was disconnected from this side.
  const exited = once(child, 'exit')
  const answer = () =>
    new Promise<unknown>((resolve, reject) => {
      const ended = () => reject(new Error(`${file} ended before it answered`))
      child.once('exit', ended)
      child.once('message', (message) => {
        child.off('exit', ended)
        resolve(message)
      })
    })
  const first = answer()
  // Only some children speak first, and only some callers wait for that.
  first.catch(() => {})
  return {
    first,
    ask(message) {
      const answered = answer()
      child.send(message as object)
      return answered
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
