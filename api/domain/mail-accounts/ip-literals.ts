/**
 * IP addresses given instead of a host name. Names are not resolved here: before it dials, the checker
 * judges the addresses of a name, and these literals again.
 */
import { SPECIAL_V4, SPECIAL_V6 } from '../../../schema/special-addresses.ts'

/** Classifies an IP address. Returns null for anything else, unusual notations included. */
export function judgeLiteral(host: string): 'public' | 'special' | null {
  const v4 = readV4(host)
  if (v4 !== null) return isWithin(v4, SPECIAL_V4, readV4) ? 'special' : 'public'
  const v6 = readV6(host)
  if (v6 !== null) return isWithin(v6, SPECIAL_V6, readV6) ? 'special' : 'public'
  return null
}

/** Checks an address, as bits, against ranges in CIDR notation. */
function isWithin(
  address: string,
  ranges: readonly string[],
  read: (base: string) => string | null,
): boolean {
  return ranges.some((range) => {
    const [base = '', bits] = range.split('/')
    return read(base)?.slice(0, Number(bits)) === address.slice(0, Number(bits))
  })
}

const bitsOf = (numbers: number[], width: number) =>
  numbers.map((number) => number.toString(2).padStart(width, '0')).join('')

/** Reads four plain decimal numbers: parsers disagree about octal, hexadecimal and short forms. */
function readV4(host: string): string | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)?.slice(1)
  if (!parts?.every((part) => String(Number(part)) === part && Number(part) < 256)) return null
  return bitsOf(parts.map(Number), 8)
}

/** Reads eight groups of 16 bits. Zones are refused: `%eth0` would select an interface of the checker. */
function readV6(host: string): string | null {
  if (!/^[0-9a-f:.]+$/i.test(host) || !host.includes(':')) return null
  const url = URL.parse(`http://[${host}]/`)
  if (!url) return null
  const [head = '', tail] = url.hostname.slice(1, -1).split('::')
  const groups = (text: string) =>
    text
      .split(':')
      .filter(Boolean)
      .map((group) => Number(`0x${group}`))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = Array<number>(8 - before.length - after.length).fill(0)
  return bitsOf([...before, ...zeros, ...after], 16)
}
