/**
 * `npm start`: builds what changed, then runs the server on the Node that the lock file names. Plain
 * JavaScript, since an older Node cannot run TypeScript, and without a shell, which differs on Windows.
 */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node } from './link-pinned-node.js'

const root = fileURLToPath(new URL('..', import.meta.url))

const build = spawnSync(node, [join(root, 'api/build.ts'), '--if-stale'], { stdio: 'inherit' })
if (build.status !== 0) process.exit(build.status ?? 1)

const args = [
  '--import',
  new URL('exit-with-parent.js', import.meta.url).href,
  join(root, 'dist/mailgrant.js'),
  ...process.argv.slice(2),
]
if (process.execve && process.platform !== 'win32') {
  // The server takes the place of this process, and gets its signals.
  process.execve(node, [node, ...args])
}
const server = spawn(node, args, { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to both.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) server.kill(signal)
  })
}
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
