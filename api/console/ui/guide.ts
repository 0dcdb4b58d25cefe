/** Steps of the setup guide: which of them are shown, and which of their values are pasted. */
import type { SetupGuide } from '../../../schema/setup-guide.ts'

export type Step = SetupGuide['steps'][number]

/** The last steps are about these settings and accounts, which have their own pages here. */
export const isAtMicrosoft = ({ url }: Step) => url !== null

/** Calls of the API are for those who build on it; the console has buttons for them. */
const isApiCall = ({ value }: Step['values'][number]) => /^[A-Z]+ \//.test(value)

/** Returns what is entered in a step. `pasted`: the value is worth a button that copies it. */
export const valuesOf = ({ values }: Step) =>
  values
    .filter((entry) => !isApiCall(entry))
    .map(({ label, value }) => ({
      // Ids of permissions are for scripts: the portal is searched by name.
      name: label.replace(/ [0-9a-f-]{36}$/, ''),
      value,
      pasted: isPasted(value),
    }))

/** Names, addresses, ids and commands are pasted; "Web" or "24 months" is chosen from a list. */
const isPasted = (value: string) =>
  (value.length > 5 && !/\s/.test(value)) || /^(?:[A-Z]\w+-[A-Z]\w+ -|az )/.test(value)
