/** Writes a migration that takes the last one's tables to those of `schema/d1/`. Options go to drizzle-kit. */
import { installTools, run, toolPath } from './install.ts'

installTools()
const config = 'schema/d1/drizzle.config.ts'
run(toolPath('drizzle-kit/bin.cjs'), 'generate', '--config', config, ...process.argv.slice(2))
