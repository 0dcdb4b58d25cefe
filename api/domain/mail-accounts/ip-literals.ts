/**
 * Literal IP addresses in place of a host name. Ranges that are not on the public internet are in
 * the IANA special-purpose registries of both families (RFC 6890). Names are not resolved here: the
 * checker looks at the addresses behind them, and at these literals again, before it dials.
 */

const SPECIAL_V4: readonly [base: string, bits: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** `public` or `special`; null for what is no address in the usual notation. */
export function judgeLiteral(host: string): 'public' | 'special' | null {
  const v4 = readV4(host)
  if (v4 !== null)
    return SPECIAL_V4.some(([base, bits]) => within(v4, base, bits)) ? 'special' : 'public'
  const v6 = readV6(host)
  if (v6 === null) return null
  return isPublicV6(v6) ? 'public' : 'special'
}

/** Four plain decimal numbers: octal, hexadecimal and short forms mean different hosts to different parsers. */
function readV4(host: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)?.slice(1)
  if (!parts?.every((part) => String(Number(part)) === part && Number(part) < 256)) return null
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

function within(address: number, base: string, bits: number): boolean {
  const size = 2 ** (32 - bits)
  return Math.floor(address / size) === Math.floor((readV4(base) ?? 0) / size)
}

/** Eight groups of 16 bits. A zone (`%eth0`) would pick one of the checker's own interfaces. */
function readV6(host: string): number[] | null {
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
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

/** Only 2000::/3 is handed out (RFC 4291 section 2.4), without the ranges that lead elsewhere. */
function isPublicV6([a = 0, b = 0, c = 0]: number[]): boolean {
  if (a < 0x2000 || a > 0x3fff) return false
  const special =
    (a === 0x2001 && b < 0x200) ||
    (a === 0x2001 && b === 0xdb8) ||
    a === 0x2002 ||
    (a === 0x2620 && b === 0x4f && c === 0x8000) ||
    (a === 0x3fff && b < 0x1000)
  return !special
}
