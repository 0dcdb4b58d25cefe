/** The scripts of the setup guide, which are files of api/setup/. Pure. */
import type { SetupGuide } from '../../../../schema/setup-guide.ts'

export type Scripts = SetupGuide['scripts']

/** The scripts as they are in their files, before a deployment's values are filled in. */
export type ScriptFiles = Record<'setup' | 'appOnly', Scripts>

/** Values by their name in PowerShell. In bash, `appName` is `app_name`. A value that is missing stays empty. */
export type ScriptValues = Readonly<Record<string, string | null | undefined>>

/** Fills values into the block at the top of each script. The lines that take one assign an empty text. */
export function fillIn({ azure_cli, powershell }: Scripts, values: ScriptValues): Scripts {
  const assign = (line: string, name: string, quote: (text: string) => string) =>
    line.slice(0, -2) + quote(values[name] ?? '')
  return {
    azure_cli: azure_cli.replace(/^(\w+)=''$/gm, (line, name: string) =>
      assign(line, camelCase(name), bashQuote),
    ),
    powershell: powershell.replace(/^\$(\w+) = ''$/gm, (line, name: string) =>
      assign(line, name, powershellQuote),
    ),
  }
}

const camelCase = (name: string) =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Quotes a text as one literal word of bash. */
export const bashQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** Quotes a text as a literal string of PowerShell, which treats typographic quotes as quotes too. */
export const powershellQuote = (text: string) =>
  `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
