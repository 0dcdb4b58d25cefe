/**
 * A separate process with one mail server for each trial of the hostile suite, so that their work is not
 * measured. They are called localhost, for which their certificates are valid unless the trial is about that.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificates } from '../checker/hostile/certificates.ts'
import { imap } from '../checker/hostile/imap.ts'
import { startServer } from '../checker/hostile/server.ts'
import { smtp } from '../checker/hostile/smtp.ts'
import { listTrials } from '../faults/hostile-mail-servers.ts'
import type { Hostile } from './event-loop.ts'

const folder = await mkdtemp(join(tmpdir(), 'mailgrant-bench-'))
const caFile = join(folder, 'ca.pem')
const { authorities, localhost } = await certificates()
await writeFile(caFile, authorities.join('\n'))

const servers: Hostile['servers'] = []
for (const { testCase } of await listTrials()) {
  const { protocol, security, plainPort, tls = localhost } = testCase
  // Among the bad certificates, this one is valid for the host of these servers.
  if (testCase.tls?.cert === localhost.cert) continue
  const script = testCase.script ?? { imap: imap(), smtp: smtp() }[protocol]
  const implicit = security === 'tls' && !plainPort
  const { port } = await startServer(script, { implicit, tls })
  servers.push({ protocol, security, host: 'localhost', port })
}
process.once('disconnect', async () => {
  await rm(folder, { recursive: true, force: true })
  process.exit(0)
})
process.send?.({ caFile, servers })
