/** Addresses that need no quoting or encoding in SMTP commands and headers. */
import { z } from 'zod'

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
/** RFC 5321, section 4.1.2: a Dot-string of 64 octets at most, and a domain that is not an IP address. */
const PLAIN = new RegExp(
  `^(?=[^@]{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)*(?![0-9]+$)${LABEL}$`,
)

/** The longest path is 256 octets with its angle brackets (RFC 5321, section 4.5.3.1.3). */
const MAX_LENGTH = 254

/** One bare address in ASCII: no display name, quotes, blanks or line breaks, and no list. */
export const PlainAddress = z
  .string()
  .max(MAX_LENGTH)
  .regex(PLAIN, 'must be one address like name@example.com, in ASCII and without a display name')
