/** The sandbox's certificates as the strictest clients on Debian check them. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { startWorld } from '../sandbox/world.ts'

const run = promisify(execFile)

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
