/**
 * The baseline for Mailgrant in Node: one route of node:http that reads one row, checks the API key, decrypts the
 * token and responds as the product does, and does nothing else. Arguments: port, database and the hash of the only
 * key. The environment holds ENCRYPTION_KEYS.
 */
import { createDecipheriv, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'

const [port, file = '', keyHash = ''] = process.argv.slice(2)
const [, key = ''] = (process.env.ENCRYPTION_KEYS ?? '').split(':')
const encryptionKey = createSecretKey(key, 'base64')

type Row = {
  username: string
  sender: string | null
  host: string
  port: number
  security: string
  access_token_sealed: string
  access_token_expires_at: number
}

const select = new DatabaseSync(file, { readOnly: true }).prepare(
  `SELECT username, sender, host, port, security, access_token_sealed, access_token_expires_at
   FROM api_keys JOIN mail_accounts ON mail_accounts.id = ? JOIN grant_tokens USING (grant_id)
   WHERE api_keys.id = ?`,
)

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
  const row = select.get(id, keyId) as Row | undefined
  const secretHash = hash('sha256', secret, 'buffer')
  const storedHash = Buffer.from(keyHash, 'base64url')
  if (!row || !timingSafeEqual(secretHash, storedHash)) {
    response.writeHead(401).end()
    return
  }
  const { username, host, port, security } = row
  const token = decrypt(row.access_token_sealed)
  const expiresAt = row.access_token_expires_at
  const raw = `user=${username}\x01auth=Bearer ${token}\x01\x01`
  const body = JSON.stringify({
    access_token: token,
    token_type: 'Bearer',
    expires_at: new Date(expiresAt).toISOString(),
    expires_in: Math.floor((expiresAt - Date.now()) / 1000),
    refreshed: false,
    username,
    mailbox: username,
    from: row.sender ?? username,
    host,
    port,
    security,
    mechanism: 'XOAUTH2',
    xoauth2: Buffer.from(raw).toString('base64'),
    xoauth2_raw: raw,
  })
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
