/**
 * Binds keys, sessions and links to the key ring and to ACCESS_EPOCH, so that a row that someone else wrote gives no
 * access. An API key and a session keep a sealed hash of their secret, whose protected header vouches for the rights in
 * the same row. States and links are found or recognised by a keyed hash. A plain hash is never accepted, since anyone
 * could write one.
 */
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

  /** A digest, since a key can be restricted to a thousand email accounts. */
  const digestOf = (bound: Bound) => bindingTo([epoch, ...bound])

  return {
    /** Seals the hash of a secret for this row. The rights in `bound` are part of the protected header. */
    seal: (secretHash: string, context: SealContext, bound: Bound): Promise<string> =>
      sealer.seal(secretHash, { ...context, binding: digestOf(bound) }),

    /**
     * Opens the hash. `isIntact` is false if the rights or ACCESS_EPOCH have changed. Returns null if it is damaged or
     * from another row. Throws KeyMissing.
     */
    async open(sealed: string, context: SealContext, bound: Bound): Promise<Binding | null> {
      try {
        const { plaintext, binding } = await sealer.openBound(sealed, context)
        return { secretHash: plaintext, isIntact: binding === digestOf(bound) }
      } catch (error) {
        if (error instanceof SealBroken) return null
        throw error
      }
    },

    /** Returns the keyed hash to store. */
    hash: (use: Use, text: string): string => hashesOf(use, text)[0] ?? '',

    /** Returns the keyed hashes to look for, one for each of the newest KEYS_TRIED keys. */
    lookupHashes: hashesOf,

    /** Compares in constant time. Takes equally long without a stored hash, and returns false. */
    matches(use: Use, text: string, stored: string | null): boolean {
      return hashesOf(use, text).filter((hash) => equalsHash(hash, stored)).length > 0
    },
  }
}
