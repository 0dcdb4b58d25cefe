/** A well-behaved IMAP server; a test can replace each of its responses. */
import type { Peer, Script } from './server.ts'

export type Respond = (peer: Peer, tag: string, line: string) => void | Promise<void>

export type ImapResponses = Record<
  'greeting' | 'STARTTLS' | 'CAPABILITY' | 'AUTHENTICATE' | 'LOGIN' | 'EXAMINE' | 'LOGOUT',
  Respond
>

export const CAPABILITIES = 'IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 ID NAMESPACE ENABLE'

/** Sends the untagged lines, then a tagged response. */
export const response =
  (tagged: string, ...untagged: string[]): Respond =>
  (peer, tag) =>
    peer.send(`${[...untagged, `${tag} ${tagged}`].join('\r\n')}\r\n`)

export const offers = (capabilities: string) => response('OK done', `* CAPABILITY ${capabilities}`)

const honest: ImapResponses = {
  greeting: (peer) => peer.send('* OK The test IMAP4 service is ready.\r\n'),
  async STARTTLS(peer, tag) {
    peer.send(`${tag} OK begin\r\n`)
    await peer.startTls()
  },
  CAPABILITY: offers(CAPABILITIES),
  async AUTHENTICATE(peer, tag, line) {
    if (/ PLAIN$/.test(line)) {
      peer.send('+ \r\n')
      await peer.line()
    }
    peer.send(`${tag} OK AUTHENTICATE completed.\r\n`)
  },
  LOGIN: response('OK LOGIN completed'),
  EXAMINE: response('OK [READ-ONLY] done', '* 12 EXISTS', '* OK [UIDVALIDITY 1] valid'),
  async LOGOUT(peer, tag) {
    peer.send(`* BYE bye\r\n${tag} OK done\r\n`)
    peer.end()
  },
}

export function imap(changes: Partial<ImapResponses> = {}): Script {
  const responses = { ...honest, ...changes }
  return async (peer) => {
    await responses.greeting(peer, '*', '')
    for (let line = await peer.line(); line !== null; line = await peer.line()) {
      const [tag = '', command = ''] = line.split(' ')
      const found = Object.entries(responses).find(([name]) => name === command.toUpperCase())
      if (found) await found[1](peer, tag, line)
      else peer.send(`${tag} BAD what?\r\n`)
    }
  }
}
