/**
 * Rights of the callers that this isolate has confirmed, so that reads can start while a credential is checked
 * again. The rights of a key or session never change after its creation; whether it is still valid is not
 * remembered.
 */
import type { Key } from '../domain/api-keys/key.ts'
import { hashSecret } from '../hash.ts'

export type Rights = Pick<Key, 'scopes' | 'accessScope' | 'appOnly'>

/** Callers and the email accounts that they are restricted to, counted together: about 2 MB. */
const CAPACITY = 20_000

export type KnownCallers = ReturnType<typeof createKnownCallers>

/** Remembers confirmed callers only, so that strangers cannot displace them. */
export function createKnownCallers(capacity = CAPACITY) {
  const byHash = new Map<string, Rights>()
  let size = 0

  function forget(hash: string): void {
    const rights = byHash.get(hash)
    if (!rights) return
    byHash.delete(hash)
    size -= sizeOf(rights)
  }

  return {
    find: (hash: string): Rights | undefined => byHash.get(hash),

    /** Remembers the rights. Beyond the capacity, forgets the callers that were confirmed longest ago. */
    remember(hash: string, { scopes, accessScope, appOnly }: Rights): void {
      forget(hash)
      const rights = { scopes, accessScope, appOnly }
      byHash.set(hash, rights)
      size += sizeOf(rights)
      for (const oldest of byHash.keys()) {
        if (size <= capacity) return
        forget(oldest)
      }
    },

    forget,
  }
}

const sizeOf = ({ accessScope }: Rights) => 1 + (accessScope?.mailAccountIds.length ?? 0)

/** Hashes a credential, so that the memory of an isolate does not reveal those of earlier requests. */
export const hashCredential = ({ type, text }: { type: string; text: string }): string =>
  hashSecret(`${type} ${text}`)

export const haveSameRights = (a: Rights, b: Rights): boolean => textOf(a) === textOf(b)

const textOf = ({ scopes, accessScope, appOnly }: Rights) =>
  JSON.stringify([scopes, accessScope, appOnly])
