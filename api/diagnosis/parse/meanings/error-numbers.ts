/** Patterns for numbers of errors in the many ways in which programs print them. */

/** Matches a number of Winsock or of a Windows function: `[WinError 10061]`, `SocketException (10061)`, `0x8007274D`. */
export const winsock = (...numbers: readonly number[]): RegExp => {
  const hex = numbers.map((number) => number.toString(16))
  return new RegExp(
    `(?:err(?:no|or)?|exception|code|winsock|wsa\\w{0,20})[ :#=("'[]{0,4}(?:${numbers.join('|')})\\b|\\b0x(?:8007|0{0,4})(?:${hex.join('|')})\\b`,
  )
}

/** Matches a number of Linux, or of getaddrinfo if negative: `[Errno 111]`, `(os error 111)`, `errno=32`. */
export const errno = (...numbers: readonly number[]): RegExp =>
  new RegExp(
    `(?:errno|os error|socket ?error|socketexception|error(?= ?\\[)|code(?=: -?\\d+, kind))[ :#=("'[]{0,4}(?:${numbers.flatMap((number) => (number > 0 ? [number, -number] : [number])).join('|')})\\b`,
  )

/** Matches a number of curl: `curl: (7)`, `cURL error 7`. */
export const curl = (...numbers: readonly number[]): RegExp =>
  new RegExp(
    `\\bcurl(?: err(?:or|no)(?: code)?[ :#=]{0,3}\\(?|: \\()(?:${numbers.join('|')})\\b(?!\\.)`,
  )

/** Matches a number of Apple's URL loading: `NSURLErrorDomain Code=-1003`. */
export const urlLoading = (...numbers: readonly number[]): RegExp =>
  new RegExp(`(?:nsurlerror|cfnetwork)[^\\n]{0,40}-(?:${numbers.join('|')})\\b`)
