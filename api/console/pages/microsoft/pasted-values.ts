/**
 * Values in a pasted text: the output of a setup script, JSON of the Azure CLI, or "Essentials" of the portal. Pure.
 */

export type PastedValues = {
  /** The kind of a credential that has no other values. */
  kind?: 'federated'
  client_id?: string
  home_tenant?: string
  secret?: string
  /** A day: `2028-11-24`. */
  end?: string
}

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const DOMAIN = String.raw`[\w-]+(?:\.[\w-]+)+`

/** Matches a name, what separates it from its value in JSON or in lines, and the value. */
const named = (names: string, value: string) =>
  new RegExp(String.raw`(?:${names})["'\s:=]+(${value})`, 'i')

const patterns: Record<keyof PastedValues, RegExp> = {
  kind: named(String.raw`credential\.type`, 'federated'),
  client_id: named(String.raw`client_?id|appId|Application \(client\) ID`, GUID),
  home_tenant: named(
    String.raw`home_tenant|tenant(?:_?id)?|Directory \(tenant\) ID`,
    `${GUID}|${DOMAIN}`,
  ),
  secret: named('client_?secret|password|secretText', String.raw`[^\s"',]+`),
  end: named('expires_at|endDateTime', String.raw`\d{4}-\d\d-\d\d`),
}

/** Returns the values in the text, or null if there are none, for example for a value without its name. */
export function parsePastedValues(text: string): PastedValues | null {
  const found = Object.entries(patterns).flatMap(([name, pattern]) => {
    const value = pattern.exec(text)?.[1]
    return value === undefined ? [] : [[name, value]]
  })
  return found.length === 0 ? null : (Object.fromEntries(found) as PastedValues)
}
