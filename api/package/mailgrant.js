#!/usr/bin/env node
/**
 * The command of the package. Plain JavaScript, since an older Node cannot run the bundles and must get as far
 * as the sentence that says so.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 2)) {
  console.error(
    `Mailgrant needs Node 24.2 or newer, and this is Node ${process.versions.node}. Install Node 24 from https://nodejs.org, then repeat the command.`,
  )
  process.exit(1)
}
// npx passes signals on to a shell only, as npm does.
if (process.env.npm_lifecycle_event === 'npx') await import('./exit-with-parent.js')
/** Programs of their own. All other arguments are those of the server. */
const programs = ['checker', 'check-mailbox']
const [program = 'mailgrant'] = programs.includes(process.argv[2]) ? process.argv.splice(2, 1) : []
await import(`./dist/${program}.js`)
