/**
 * Grammar of settings that the API and the checker share: key rings, extra mail servers, flags. Each
 * deployable reads its own environment in one place.
 */
import { z } from 'zod'
import { decodeBase64 } from './base64.ts'
import { MailProtocol, MailServer } from './mail-servers.ts'

const KEY_BYTES = 32

/** A key of a ring. `kid` identifies it in the header of everything it has sealed. */
export type RingKey = { kid: string; key: Uint8Array<ArrayBuffer> }

/** Keys, newest first. The first key seals, any key opens. */
export type KeyRing = readonly [RingKey, ...RingKey[]]

function readRingKey(text: string): RingKey | string {
  const colon = text.indexOf(':')
  const kid = text.slice(0, colon)
  if (colon < 1 || !/^[A-Za-z0-9._-]{1,32}$/.test(kid)) return 'each key must look like kid:base64'
  try {
    const key = decodeBase64(text.slice(colon + 1))
    return key.length === KEY_BYTES ? { kid, key } : `key "${kid}" must be ${KEY_BYTES} bytes`
  } catch {
    return `key "${kid}" is not base64`
  }
}

/**
 * A key ring as `kid:base64,kid:base64`, newest first, 32 random bytes each. Error messages never
 * repeat key material.
 */
export const KeyRingSetting = z.string().transform((text, context): KeyRing => {
  const keys: RingKey[] = []
  for (const part of text.split(',').map((item) => item.trim())) {
    const key = readRingKey(part)
    if (typeof key === 'string') {
      context.addIssue({ code: 'custom', message: key })
      return z.NEVER
    }
    if (keys.some((other) => other.kid === key.kid)) {
      context.addIssue({ code: 'custom', message: `key id "${key.kid}" appears twice` })
      return z.NEVER
    }
    keys.push(key)
  }
  return keys as unknown as KeyRing
})

const ExtraServer = MailServer.extend({ protocol: MailProtocol })
export type ExtraServer = z.infer<typeof ExtraServer>

/** `imap:host:port:security,...`: the only servers besides Microsoft's that may receive a token. */
export const ExtraServersSetting = z
  .string()
  .default('')
  .transform((text, context): ExtraServer[] => {
    const servers: ExtraServer[] = []
    for (const part of text.split(',').map((item) => item.trim())) {
      if (part === '') continue
      const [protocol, host, port, security, ...rest] = part.split(':')
      const server = ExtraServer.safeParse({ protocol, host, port: Number(port), security })
      if (!server.success || rest.length > 0) {
        context.addIssue({
          code: 'custom',
          message: `"${part}" is not protocol:host:port:security`,
        })
        return z.NEVER
      }
      servers.push(server.data)
    }
    return servers
  })

export const CountSetting = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'must be a number from 1 to 9999')
  .transform(Number)

/** A boolean setting. Rejects other words instead of guessing what they mean. */
export const FlagSetting = z
  .enum(['true', '1', 'false', '0', ''], 'must be true or false')
  .optional()
  .transform((text) => text === 'true' || text === '1')
