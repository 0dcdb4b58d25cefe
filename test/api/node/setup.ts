/** Workerd's globals that the Worker's tests use, and its response to calls that would leave the machine. */
import { timingSafeEqual } from 'node:crypto'
import { shareRsaKeys } from './rsa-keys.ts'

shareRsaKeys()

Object.assign(crypto.subtle, {
  timingSafeEqual: (a: Uint8Array, b: Uint8Array) => timingSafeEqual(a, b),
})

globalThis.fetch = async () => new Response('the network is off', { status: 599 })
