/** Host names that are not on the public internet, as far as the name alone shows. Pure. */

/** Host names of private networks (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`). */
const PRIVATE_NAME =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|localdomain|home|corp|test|invalid|onion|arpa)$/

/** Returns true for an IP address. The URL parser has normalised every notation of IPv4 to four numbers. */
export const isIpAddress = (hostname: string): boolean =>
  /^[\d.]+$/.test(hostname) || hostname.startsWith('[')

/** Returns true for a name without a dot or of a private network. `hostname`: without a trailing dot. */
export const isPrivateName = (hostname: string): boolean =>
  !hostname.includes('.') || PRIVATE_NAME.test(hostname)
