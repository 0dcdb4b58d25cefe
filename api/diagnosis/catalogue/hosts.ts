/** Whose server it is that was reached, or was to be. */
import type { Reading } from '../read/read.ts'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/
const MICROSOFT =
  /(?:^|\.)(?:office365\.(?:com|us)|office\.com|outlook\.(?:com|cn|office\.com)|hotmail\.com|live\.com|microsoftonline\.(?:com|us|cn)|apps\.mil)\.?$/
/** What Exchange Online alone says: who hears it has reached it, through a relay or a test server. */
const EXCHANGE =
  /535 5\.7\.(?:3|139)\b|\[[a-z0-9]+\.[a-z0-9.]*outlook\.|authenticated but not connected/

const host = ({ known: { raw } }: Reading) => raw.host ?? ''

export const isMicrosofts = (reading: Reading) => MICROSOFT.test(host(reading))

export const isLoopback = (reading: Reading) =>
  LOOPBACK.test(host(reading)) && !EXCHANGE.test(reading.text)

/** Of a login that the product made itself: the server had greeted, so that it is one of this kind. */
export const hasGreeted = ({ kind, stage }: Reading) =>
  kind !== undefined && (stage === 'auth' || stage === 'select')

/** The product itself sent a password to a server that is none of Microsoft's. */
export const isOthersPassword = (reading: Reading) =>
  hasGreeted(reading) &&
  reading.known.password === true &&
  host(reading) !== '' &&
  !isMicrosofts(reading) &&
  !EXCHANGE.test(reading.text)
