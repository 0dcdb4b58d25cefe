/** Counts work that other threads do, calls to D1 and WebCrypto, to know when all that is left waits for something else. */

const SUBTLE = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'verify',
] as const

const timeout = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** `turns`: turns of the event loop without work in progress after which nothing more will happen. */
export function countWork(turns: number, turn: () => Promise<void> = timeout) {
  let running = 0
  async function counted<Value>(work: () => Promise<Value> | Value): Promise<Value> {
    running += 1
    try {
      return await work()
    } finally {
      running -= 1
    }
  }
  return {
    counted,

    /** Waits until nothing more will happen, or until `ended`. */
    async becomeQuiet(ended: () => boolean = () => false): Promise<void> {
      for (let quiet = 0; quiet < turns && !ended(); ) {
        await turn()
        quiet = running === 0 ? quiet + 1 : 0
      }
    },

    /** Counts WebCrypto as work in progress, since Node runs it in other threads. Returns a function that ends this. */
    watchCrypto(): () => void {
      const { subtle } = crypto
      for (const name of SUBTLE) {
        const method = subtle[name] as unknown as (...args: unknown[]) => Promise<unknown>
        Object.defineProperty(subtle, name, {
          configurable: true,
          value: (...args: unknown[]) => counted(() => method.apply(subtle, args)),
        })
      }
      return () => {
        for (const name of SUBTLE) Reflect.deleteProperty(subtle, name)
      }
    },
  }
}
