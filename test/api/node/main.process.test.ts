import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { type Product, type ProductOptions, runProduct, startProduct } from './product-process.ts'

/** Starting a process may take seconds on a busy machine, and the first one builds. */
const SLOW = { timeout: 120_000 }

const ring = (kid: string, byte: number) => `${kid}:${Buffer.alloc(32, byte).toString('base64')}`
const ROOT_KEY = 'r'.repeat(32)

/**
 * Runs a start that is refused and returns its output, one sentence a line. Exit code 78: only the operator can fix
 * it.
 */
async function refusal(options: ProductOptions, exitCode = 78): Promise<string> {
  const { code, output } = await runProduct(options)
  expect(code, output).toBe(exitCode)
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  for (const line of lines) expect(line).toMatchObject({ level: 'error', event: 'start_failed' })
  return lines.map(({ detail }) => detail).join('\n')
}

const readKey = (dataDir: string) => readFileSync(join(dataDir, 'root-key'), 'utf8').trim()

const statusWith = async ({ url }: Product, key: string) => {
  const headers = { authorization: `Bearer ${key}` }
  return (await fetch(`${url}/v1/integrations`, { headers })).status
}

/** Stores a value that is encrypted. */
async function storeSecret({ url }: Product, key: string) {
  const response = await fetch(`${url}/v1/integrations/microsoft/settings`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      credential: {
        type: 'client_secret',
        client_secret: 'Qx78Q~sandbox.Contoso-mailgrant.Value001',
      },
    }),
  })
  expect(response.status).toBe(200)
}

describe('the first start', SLOW, () => {
  it('serves API and console with keys that it makes, says where all of that is, and ends with SIGTERM', async () => {
    await using product = await startProduct()
    const { url, dataDir, port } = product
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/console/`)).status).toBe(200)
    expect(await statusWith(product, readKey(dataDir))).toBe(200)
    expect(await statusWith(product, `${readKey(dataDir)}x`)).toBe(401)
    const text = product
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'start')
      .map(({ detail }) => detail)
      .join('\n')
    expect(text).toContain(`Mailgrant is running at http://localhost:${port}/console/`)
    expect(text).toContain(`The root key is in ${join(dataDir, 'root-key')}.`)
    expect(text).toContain(`Data: ${dataDir}.`)
    expect(text).toContain(`back up ${join(dataDir, 'encryption-keys')} separately`)
    expect(text).toContain(`http://localhost:${port}/oauth/microsoft/callback`)
    expect(await product.stop()).toMatchObject({ code: 0, signal: null })
  })

  it('prints no secret, closes its files to others, and stores the root key only as a hash apart from the file for the operator', async () => {
    await using product = await startProduct()
    const { dataDir } = product
    const key = readKey(dataDir)
    await storeSecret(product, key)
    const encryptionKey = readFileSync(join(dataDir, 'encryption-keys'), 'utf8')
      .trim()
      .split(':')
      .at(-1)
    expect(encryptionKey).toHaveLength(44)
    expect(product.output()).not.toContain(key)
    expect(product.output()).not.toContain(encryptionKey)
    expect(await methodsOf(product)).toMatchObject({ root_key: 'file' })
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(statSync(join(dataDir, 'root-key')).mode & 0o777).toBe(0o600)
    rmSync(join(dataDir, 'root-key'))
    const names = readdirSync(dataDir)
    expect(names).toEqual(expect.arrayContaining(['mailgrant.sqlite', 'mailgrant.sqlite-wal']))
    for (const name of names) {
      const bytes = readFileSync(join(dataDir, name))
      expect(bytes.includes(key), name).toBe(false)
      expect(bytes.includes(encryptionKey ?? ''), name).toBe(name === 'encryption-keys')
      expect(statSync(join(dataDir, name)).mode & 0o777, name).toBe(0o600)
    }
  })
})

const methodsOf = async ({ url }: Product) => (await fetch(`${url}/console/sign-in-methods`)).json()

describe('at a terminal', SLOW, () => {
  it('the first start shows address and root key in one block, and stores no key', async () => {
    await using product = await startProduct({ terminal: true })
    const { dataDir, port } = product
    const { key = '' } = (await product.waitForOutput(/key: (?<key>mg_root_\S+)/)).groups ?? {}
    expect(product.output()).toBe(`
Mailgrant is running at http://localhost:${port}/console/
Root key: ${key}
Sign in with it, and store it in your password manager: only its hash is kept here.
Warnings and errors are shown here. For the whole log, send the output to a file.

`)
    expect(await statusWith(product, key)).toBe(200)
    expect(await methodsOf(product)).toMatchObject({ root_key: 'shown' })
    const shown = product.output()
    await product.stop()
    expect(product.output().replace('^C', '')).toBe(shown)
    for (const name of readdirSync(dataDir)) {
      expect(readFileSync(join(dataDir, name)).includes(key), name).toBe(false)
      expect(statSync(join(dataDir, name)).mode & 0o777, name).toBe(0o600)
    }
  })

  it('a start that is refused prints its sentence alone', async () => {
    const { code, output } = await runProduct({ terminal: true, env: { BACKUP_KEEP: '0' } })
    expect({ code, output }).toEqual({
      code: 78,
      output:
        'These settings are missing or invalid:\nBACKUP_KEEP: must be a number from 1 to 9999\n',
    })
  })
})

describe('a later start', SLOW, () => {
  it('keeps the keys and says nothing of the root key', async () => {
    const dataDir = join(createTemporaryFolder(), 'data')
    await using first = await startProduct({ dataDir })
    const key = readKey(dataDir)
    await storeSecret(first, key)
    await first.stop()
    await using second = await startProduct({ dataDir })
    expect(await statusWith(second, key)).toBe(200)
    expect(second.output()).not.toContain('root key')
  })

  it('replaces the root key with --new-root-key: the old one and its console sessions end', async () => {
    const dataDir = join(createTemporaryFolder(), 'data')
    await using first = await startProduct({ dataDir })
    const old = readKey(dataDir)
    const cookie = await signIn(first, old)
    expect(await statusOfSession(first, cookie)).toBe(200)
    await first.stop()
    await using second = await startProduct({ dataDir, args: ['--new-root-key'], port: first.port })
    expect(readKey(dataDir)).not.toBe(old)
    expect(await statusWith(second, readKey(dataDir))).toBe(200)
    expect(await statusWith(second, old)).toBe(401)
    expect(await statusOfSession(second, cookie)).toBe(401)
  })

  it('refuses --new-root-key where the environment has the root key', async () => {
    const said = await refusal({ env: { ROOT_API_KEY: ROOT_KEY }, args: ['--new-root-key'] })
    expect(said).toBe('ROOT_API_KEY is set: change the root key there.')
  })
})

const signIn = async ({ url, port }: Product, key: string) => {
  const response = await fetch(`${url}/console/session`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      origin: `http://localhost:${port}`,
      'sec-fetch-site': 'same-origin',
    },
    body: JSON.stringify({ key }),
  })
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

const statusOfSession = async ({ url }: Product, cookie: string) =>
  (await fetch(`${url}/v1/integrations`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } }))
    .status

describe('keys that do not fit the database', SLOW, () => {
  /** Returns a folder with a database in which a value is encrypted with this ring. */
  async function folderSealedWith(encryptionKeys: string | null) {
    const dataDir = join(createTemporaryFolder(), 'data')
    await using product = await startProduct({
      dataDir,
      env: {
        ROOT_API_KEY: ROOT_KEY,
        ...(encryptionKeys !== null && { ENCRYPTION_KEYS: encryptionKeys }),
      },
    })
    await storeSecret(product, ROOT_KEY)
    await product.stop()
    return dataDir
  }

  it('are never replaced by new ones: a missing key file is refused', async () => {
    const dataDir = await folderSealedWith(null)
    const keys = readFileSync(join(dataDir, 'encryption-keys'))
    rmSync(join(dataDir, 'encryption-keys'))
    const said = await refusal({ dataDir })
    expect(said).toContain('encryption-keys is missing, and ENCRYPTION_KEYS is not set')
    expect(readdirSync(dataDir)).not.toContain('encryption-keys')
    writeFileSync(join(dataDir, 'encryption-keys'), keys)
    await using _restored = await startProduct({ dataDir })
  })

  it('are refused when one in use is missing', async () => {
    const dataDir = await folderSealedWith(ring('k1', 1))
    const said = await refusal({ dataDir, env: { ENCRYPTION_KEYS: ring('k2', 2) } })
    expect(said).toContain('ENCRYPTION_KEYS lacks the key "k1"')
    await using _both = await startProduct({
      dataDir,
      env: { ENCRYPTION_KEYS: `${ring('k2', 2)},${ring('k1', 1)}` },
    })
  })
})

describe('a second process on the same data', SLOW, () => {
  it('is refused while the first runs, and not after SIGKILL', async () => {
    const dataDir = join(createTemporaryFolder(), 'data')
    await using first = await startProduct({ dataDir })
    expect(await refusal({ dataDir }, 1)).toBe(
      `DATA_DIR: another Mailgrant is running on ${dataDir}. Stop it first, or choose another folder.`,
    )
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200)
    await first.stop('SIGKILL')
    await using second = await startProduct({ dataDir })
    expect((await fetch(`${second.url}/healthz`)).status).toBe(200)
  })

  it('is refused while the first one only makes its keys: one of many wins', async () => {
    const dataDir = join(createTemporaryFolder(), 'data')
    const started = await Promise.allSettled(
      Array.from({ length: 4 }, () => startProduct({ dataDir })),
    )
    const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    onTestFinished(async () => {
      for (const product of running) await product[Symbol.asyncDispose]()
    })
    expect(running).toHaveLength(1)
    for (const each of started) {
      if (each.status === 'rejected') expect(each.reason.message).toContain('another Mailgrant')
    }
  })
})

it(
  'a start by systemd listens on the socket that it gets, and reports when it is ready',
  async () => {
    const socket = createServer().listen(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address() as AddressInfo
    const folder = createTemporaryFolder()
    const command = join(folder, 'systemd-notify')
    writeFileSync(command, '#!/bin/sh\necho "$@" >"$0.arguments"\n', { mode: 0o755 })
    const env = { PORT: '1', NOTIFY_SOCKET: '/run/notify', PATH: `${folder}:${process.env.PATH}` }
    await using product = await startProduct({ socket, port, env })
    await expect
      .poll(
        () => existsSync(`${command}.arguments`) && readFileSync(`${command}.arguments`, 'utf8'),
        { timeout: 30_000 },
      )
      .toBe('--ready\n')
    expect((await fetch(`${product.url}/healthz`)).status).toBe(200)
    expect(product.output()).toContain(`PORT=${port};`)
  },
  SLOW.timeout,
)

it(
  'a start by systemd ends with a failure if it cannot report that it is ready',
  async () => {
    const env = { NOTIFY_SOCKET: '/run/notify', PATH: createTemporaryFolder() }
    const { code, output } = await runProduct({ env })
    expect(code, output).toBe(1)
    expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toMatchObject({
      event: 'start_failed',
      detail: expect.stringMatching(/^Mailgrant could not report to systemd .* ENOENT$/),
    })
  },
  SLOW.timeout,
)

describe('a start that cannot succeed', SLOW, () => {
  it('says that the port is in use, and starts there later with the key it made', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const dataDir = join(createTemporaryFolder(), 'data')
    expect(await refusal({ dataDir, port }, 1)).toBe(
      `PORT: another program listens on 127.0.0.1, port ${port}. Stop it, or set PORT to a free port.`,
    )
    other.close()
    await once(other, 'close')
    await using product = await startProduct({ dataDir, port })
    expect(await statusWith(product, readKey(dataDir))).toBe(200)
  })

  it('shows how it is used for other arguments, and with --help', async () => {
    const wrong = await runProduct({ args: ['--new-key'] })
    expect(wrong).toMatchObject({ code: 2, output: expect.stringContaining('Usage: npm start') })
    const help = await runProduct({ args: ['--help'] })
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining('Usage: npm start') })
  })
})
