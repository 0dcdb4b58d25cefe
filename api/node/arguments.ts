/** The arguments of the server. */
import { parseArgs } from 'node:util'

export const USAGE = `Usage: npm start [-- --new-root-key], or without a clone: mailgrant [--new-root-key]

Runs Mailgrant on this machine. Settings come from the environment and from .env; api/operating/settings.md lists them.

  --new-root-key  replaces the root key, if it is lost; console sessions of the old one end
  --help          shows this text

Other commands: backup, restore, import and export, each with a file; checker; check-mailbox.
In a clone: npm run backup -- FILE; without: mailgrant backup FILE.
`

/** Returns null if they are not valid. */
export function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean' }, 'new-root-key': { type: 'boolean' } },
    })
    return { help: values.help, newRootKey: values['new-root-key'] ?? false }
  } catch {
    return null
  }
}
