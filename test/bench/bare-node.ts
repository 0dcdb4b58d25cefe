/**
 * The baseline for the own server: one route of node:http that checks the API key, reads one row, decrypts
 * the token and answers as the product does, and does nothing else. Arguments: port and database. The
 * environment holds ENCRYPTION_KEYS.
 */
import { createDecipheriv, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'

const [port, file = ''] = process.argv.slice(2)
const [, key = ''] = (process.env.ENCRYPTION_KEYS ?? '').split(':')
const encryptionKey = createSecretKey(key, 'base64')

/** The tables that the product reads for the same answer, with the columns that it depends on. */
const select = new DatabaseSync(file, { readOnly: true }).prepare(`
  SELECT k.secret_hash, k.scopes, k.mail_account_ids, k.app_only, k.expires_at, k.revoked_at,
    a.protocol, a.host, a.port, a.security, a.username, a.delegate, a.sender, a.authentication, a.tenant,
    g.id AS grant_id, g.state, g.cloud, g.protocols, g.access_token_sealed, g.access_token_expires_at,
    g.refreshed_at, g.retry_at, i.active, i.client_id, t.id AS app_token_id
  FROM api_keys k
  LEFT JOIN mail_accounts a ON a.id = ?
  LEFT JOIN grants g ON g.id = a.grant_id
  LEFT JOIN integrations i ON i.id = 'microsoft'
  LEFT JOIN app_tokens t ON t.id = i.client_id || '|' || i.cloud || '|' || a.tenant
  WHERE k.id = ?`)

type Row = Record<string, string> & { port: number; access_token_expires_at: number }

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
  if (!row || !timingSafeEqual(secretHash, Buffer.from(row.secret_hash ?? '', 'base64url'))) {
    response.writeHead(401).end()
    return
  }
  const token = decrypt(row.access_token_sealed ?? '')
  const answer = JSON.stringify({
    access_token: token,
    token_type: 'Bearer',
    expires_at: new Date(row.access_token_expires_at).toISOString(),
    username: row.username,
    mailbox: row.username,
    from: row.sender ?? row.username,
    host: row.host,
    port: row.port,
    security: row.security,
    mechanism: 'XOAUTH2',
    xoauth2: Buffer.from(`user=${row.username}\x01auth=Bearer ${token}\x01\x01`).toString('base64'),
  })
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer),
    'cache-control': 'no-store',
  })
  response.end(answer)
}).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
