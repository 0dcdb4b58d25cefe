/**
 * The baseline for the own server: one route of node:http that runs the product's SELECT, checks the API key,
 * decrypts the token and answers as the product does, and does nothing else. Arguments: port and database. The
 * environment holds ENCRYPTION_KEYS.
 */
import { createDecipheriv, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { createStore } from '../../api/store/store.ts'
import type { KeyRing } from '../../schema/settings.ts'

const [port, file = ''] = process.argv.slice(2)
const [, key = ''] = (process.env.ENCRYPTION_KEYS ?? '').split(':')
const encryptionKey = createSecretKey(key, 'base64')

/** Returns the SELECT of the product, for the key and the account. */
async function recordSelect(): Promise<string> {
  let select = ''
  const recorder = {
    prepare(sql: string) {
      select = sql
      return { bind: () => ({ raw: async () => [] }) }
    },
  }
  const ring: KeyRing = [{ kid: 'bench', key: new Uint8Array(32) }]
  await createStore(recorder as unknown as D1Database, ring).tokenIssue.readWithKey('', '')
  return select
}

const select = new DatabaseSync(file, { readOnly: true }).prepare(await recordSelect())
select.setReturnArrays(true)
const columns = select.columns().map(({ table, column }) => `${table}.${column}`)
const columnAt = (name: string) => columns.indexOf(name)
const at = {
  secretHash: columnAt('api_keys.secret_hash'),
  username: columnAt('mail_accounts.username'),
  sender: columnAt('mail_accounts.sender'),
  host: columnAt('mail_accounts.host'),
  port: columnAt('mail_accounts.port'),
  security: columnAt('mail_accounts.security'),
  token: columnAt('grants.access_token_sealed'),
  expiresAt: columnAt('grants.access_token_expires_at'),
}

/** RFC 7516 section 5.2, for `dir` and A256GCM. */
function decrypt(jwe: string): string {
  const [header = '', , iv = '', ciphertext = '', tag = ''] = jwe.split('.')
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey, Buffer.from(iv, 'base64url'))
  decipher.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'))
  return decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
}

createServer((request, response) => {
  const [, id = ''] = /^\/v1\/mail-accounts\/(\w+)\/access-token$/.exec(request.url ?? '') ?? []
  const presented = request.headers.authorization ?? ''
  const [, keyId = '', secret = ''] = /^Bearer mg_(key_\w{26})_([\w-]{43})$/.exec(presented) ?? []
  const row = select.get(id, keyId) as unknown as string[] | undefined
  const secretHash = hash('sha256', secret, 'buffer')
  const storedHash = Buffer.from(row?.[at.secretHash] ?? '', 'base64url')
  if (!row || !timingSafeEqual(secretHash, storedHash)) {
    response.writeHead(401).end()
    return
  }
  const username = row[at.username]
  const token = decrypt(row[at.token] ?? '')
  const expiresAt = Number(row[at.expiresAt])
  const raw = `user=${username}\x01auth=Bearer ${token}\x01\x01`
  const answer = JSON.stringify({
    access_token: token,
    token_type: 'Bearer',
    expires_at: new Date(expiresAt).toISOString(),
    expires_in: Math.floor((expiresAt - Date.now()) / 1000),
    refreshed: false,
    username,
    mailbox: username,
    from: row[at.sender] ?? username,
    host: row[at.host],
    port: row[at.port],
    security: row[at.security],
    mechanism: 'XOAUTH2',
    xoauth2: Buffer.from(raw).toString('base64'),
    xoauth2_raw: raw,
  })
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer),
    'cache-control': 'no-store',
  })
  response.end(answer)
}).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
