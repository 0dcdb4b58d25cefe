/** RSA key pairs that all files share: making one takes more time than most of the tests. */

/** More pairs than one test compares with each other. */
const PAIRS = 16

const { subtle } = crypto
const generate = subtle.generateKey
const pairs = new Map<string, Promise<CryptoKeyPair>[]>()
let calls = 0

/** Lets `crypto.subtle.generateKey` return these pairs in turn, for RSA keys of the same kind. */
export function shareRsaKeys(): void {
  subtle.generateKey = ((...options: [{ name: string }, ...unknown[]]) => {
    const create = (): Promise<CryptoKeyPair> => Reflect.apply(generate, subtle, options)
    if (!options[0].name.startsWith('RSA')) return create()
    const kind = JSON.stringify(options)
    const made = pairs.get(kind) ?? []
    pairs.set(kind, made)
    calls += 1
    made[calls % PAIRS] ??= create()
    return made[calls % PAIRS]
  }) as typeof generate
}
