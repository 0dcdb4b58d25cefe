/** Selects steps and values of the setup guide. Pure. */
import type { SetupGuide } from '../../../schema/setup-guide.ts'

export type Step = SetupGuide['steps'][number]

export const APP_ONLY_GUIDE = '/docs/guides/app-only'

/** Returns true for a step at Microsoft. The others are about pages of this console. */
export const isAtMicrosoft = ({ url }: Step) => url !== null

const END = 'END_OF_MAILGRANT_SETUP'

/**
 * Returns the text that runs a bash script when it is pasted into a terminal. It runs from a file, so that the script
 * cannot end the terminal.
 */
export const toPaste = (script: string) =>
  `cat > mailgrant-setup.sh <<'${END}'\n${script.trimEnd()}\n${END}\nbash mailgrant-setup.sh\n`

/** API calls are for integrators; the console has buttons for them. */
const isApiCall = ({ value }: Step['values'][number]) => /^[A-Z]+ \//.test(value)

/** Returns the values to enter in a step, once for each name. `isCopyable`: the value is pasted, not chosen from a list. */
export function valuesOf({ values }: Step) {
  // IDs of permissions are for scripts, since the portal is searched by name.
  const byName = Map.groupBy(
    values.filter((entry) => !isApiCall(entry)),
    ({ label }) => label.replace(/ [0-9a-f-]{36}$/, ''),
  )
  return [...byName].map(([name, entries]) => {
    const value = entries.map(({ value }) => value).join(', ')
    return { name, value, isCopyable: isCopyable(value) }
  })
}

/** Returns true for names, addresses and ids; false for "Web" or "24 months". */
const isCopyable = (value: string) => value.length > 5 && !/\s/.test(value)
