/**
 * Binds keys, sessions and links to the key ring and to ACCESS_EPOCH, so that a row that someone else wrote gives no
 * access. An API key and a session keep a sealed hash of their secret, whose protected header vouches for the rights in
 * the same row. States and links are found or recognised by a keyed hash. A plain hash is never accepted, since anyone
 * could write one.
 */
import { sql } from 'drizzle-orm'
import type { ConsolePerson } from '../../schema/console-session.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { equalsHash, keyedHash } from '../hash.ts'
import { type Binding, SealBroken } from '../model/storage.ts'
import { bindingTo, type SealContext, type Sealer } from './seal.ts'

/** Use of a keyed hash. A hash that was made for another use is not accepted. */
type Use =
  | 'console session'
  | 'admin consent'
  | 'sign-in state'
  | 'sign-in link'
  | 'sign-in status'
  | 'sign-in browser'

/** Number of the newest keys of the ring whose hashes are looked for. */
const KEYS_TRIED = 4

/**
 * Opening takes 12 of the 80 µs that Node needs to issue a stored token, so the last result of each row is remembered,
 * with everything that it depends on. 4 MB in UTF-16; a key takes 0.5 kB and 30 bytes for each account of its limit.
 */
const CACHED_CHARACTERS = 2_000_000

/** Placeholders for the keyed hashes of a secret in a prepared query. Their number does not depend on the ring. */
export const hashPlaceholders = Array.from({ length: KEYS_TRIED }, (_, index) =>
  sql.placeholder(`hash${index}`),
)

/** Lists what a binding to a person vouches for, always in this order. */
export const personValues = (person: ConsolePerson): Bound => {
  const { id, name, role, roleSource, clientId, cloud, tenantId } = person
  return Object.values({
    id,
    name,
    role,
    roleSource,
    clientId,
    cloud,
    tenantId,
  } satisfies ConsolePerson)
}

/** Values of a row that its ciphertext vouches for, in a fixed order. */
export type Bound = readonly unknown[]

export type AccessBinder = ReturnType<typeof createAccessBinder>

export function createAccessBinder(ring: KeyRing, epoch: string, sealer: Sealer) {
  const keys = ring.slice(0, KEYS_TRIED)

  const hashesOf = (use: Use, text: string): string[] =>
    keys.map((key) => keyedHash(key, `mailgrant ${use}, access epoch ${epoch}`, text))

  const textOf = (bound: Bound) => JSON.stringify([epoch, ...bound])
  /** A digest, since the limits of a key can be a thousand ids. */
  const digestOf = (bound: Bound) => bindingTo([epoch, ...bound])

  const opened = createCache<{ sealed: string; rights: string; binding: Binding }>()

  return {
    /** Seals the hash of a secret for this row. The rights in `bound` are part of the protected header. */
    seal: (secretHash: string, context: SealContext, bound: Bound): Promise<string> =>
      sealer.seal(secretHash, { ...context, binding: digestOf(bound) }),

    /** Opens it and compares the rights. Returns null if it is damaged or from another row. Throws KeyMissing. */
    async open(sealed: string, context: SealContext, bound: Bound): Promise<Binding | null> {
      const place = `${context.table} ${context.column} ${context.row}`
      const rights = textOf(bound)
      const known = opened.get(place)
      if (known?.sealed === sealed && known.rights === rights) return known.binding
      try {
        const { plaintext, binding: digest } = await sealer.openBound(sealed, context)
        const binding = { secretHash: plaintext, isIntact: digest === digestOf(bound) }
        opened.set(place, { sealed, rights, binding }, sealed.length + rights.length)
        return binding
      } catch (error) {
        if (error instanceof SealBroken) return null
        throw error
      }
    },

    /** Returns the keyed hash to store. */
    hash: (use: Use, text: string): string => hashesOf(use, text)[0] ?? '',

    /** Returns the keyed hashes to look for, one per key of the ring, as values of `hashPlaceholders`. */
    lookupHashes(use: Use, text: string): Record<string, string> {
      const hashes = hashesOf(use, text)
      return Object.fromEntries(
        hashPlaceholders.map(({ name }, index) => [name, hashes[index] ?? hashes[0] ?? '']),
      )
    },

    /** Compares in constant time. Takes equally long without a stored hash, and returns false. */
    matches(use: Use, text: string, stored: string | null): boolean {
      return hashesOf(use, text).filter((hash) => equalsHash(hash, stored)).length > 0
    },
  }
}

/** Creates a cache that is emptied when its values exceed CACHED_CHARACTERS. */
function createCache<Value>() {
  const values = new Map<string, Value>()
  let characters = 0
  return {
    get: (key: string) => values.get(key),
    set(key: string, value: Value, length: number): void {
      characters += length
      if (characters > CACHED_CHARACTERS) {
        values.clear()
        characters = length
      }
      values.set(key, value)
    },
  }
}
