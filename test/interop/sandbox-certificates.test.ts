/** The sandbox's certificates as the strictest clients on Debian check them. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { createAuthority } from '../sandbox/mail/certificates.ts'
import { startWorld } from '../sandbox/world.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'

const run = promisify(execFile)

it('the certificates of the sandbox are accepted by OpenSSL in strict mode', async () => {
  const folder = createTemporaryFolder()
  const authority = await createAuthority()
  const { cert } = await authority.issue(['localhost', '127.0.0.1'])
  const [ca, server] = [join(folder, 'ca.pem'), join(folder, 'server.pem')]
  await Promise.all([writeFile(ca, authority.ca), writeFile(server, cert)])
  const names = ['-verify_hostname', 'localhost', '-verify_ip', '127.0.0.1']
  const strict = ['-x509_strict', '-purpose', 'sslserver', ...names]
  const { stdout } = await run('openssl', ['verify', ...strict, '-CAfile', ca, server])
  expect(stdout).toBe(`${server}: OK\n`)
})

it("the certificates of the sandbox are accepted by Python's default context, with TLS and with STARTTLS", async () => {
  const world = await startWorld()
  onTestFinished(world.stop)
  const { imapTls, smtpStarttls } = world.ports
  const script = [
    'import imaplib, smtplib, ssl, sys',
    'context = ssl.create_default_context(cafile=sys.argv[1])',
    // Python sets the flag itself since 3.13.
    'context.verify_flags |= ssl.VERIFY_X509_STRICT',
    'print(imaplib.IMAP4_SSL("localhost", int(sys.argv[2]), ssl_context=context).noop()[0])',
    'smtp = smtplib.SMTP("localhost", int(sys.argv[3]))',
    'print(smtp.starttls(context=context)[0])',
  ]
  const ports = [String(imapTls), String(smtpStarttls)]
  const args = ['-c', script.join('\n'), world.caFile, ...ports]
  expect((await run('/usr/bin/python3', args)).stdout).toBe('OK\n220\n')
})
