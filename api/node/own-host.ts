/** The values of the Host header that name this server. */

/** Returns whether a Host header is that of PUBLIC_URL, or this machine with our port. */
export function createOwnHost(publicUrl: string, port: number): (host: string) => boolean {
  const { protocol, hostname, host } = new URL(publicUrl)
  const own = new Set([host])
  // Clients may omit the port that their protocol implies, and URL always does.
  if (host === hostname) own.add(`${host}:${protocol === 'https:' ? 443 : 80}`)
  for (const local of ['localhost', '127.0.0.1', '[::1]']) {
    own.add(`${local}:${port}`)
    if (port === 80) own.add(local)
  }
  return (value) => own.has(value.toLowerCase())
}
