/** Which server: one of those that are known, or another one in three fields. */
import type { MailServer } from '../../../../schema/mail-servers.ts'
import { h } from '../../dom.ts'
import { type Field, selectField, textField } from '../../ui/fields.ts'
import { type ServerDraft, sameServer, serverDraft } from './draft.ts'
import { serverName } from './words.ts'

export type ServerPart = {
  choice: HTMLElement
  /** The fields of another server; hidden while a known one is chosen. */
  own: HTMLElement
  read: () => ServerDraft
  write: (server: ServerDraft) => void
  /** Where complaints belong just now. */
  fields: () => Record<string, Pick<Field<HTMLElement>, 'complain' | 'input'>>
}

const OTHER = 'other'

export function serverPart(known: readonly MailServer[]): ServerPart {
  const servers = known.map(serverDraft)
  const choice = selectField({
    label: 'Server',
    options: [
      ...servers.map((server, index) => ({ value: String(index), label: serverName(server) })),
      { value: OTHER, label: 'Another server' },
    ],
  })
  const host = textField({ label: 'Host', required: true, placeholder: 'mail.example.com' })
  const port = textField({ label: 'Port', type: 'number', required: true })
  port.input.min = '1'
  port.input.max = '65535'
  const security = selectField({
    label: 'Security',
    options: [
      { value: 'tls', label: 'TLS from the start' },
      { value: 'starttls', label: 'STARTTLS' },
    ],
  })
  const own = h('div', { class: 'trio' }, host.element, port.element, security.element)
  const isOther = () => choice.input.value === OTHER
  const put = (server: ServerDraft) => {
    host.input.value = server.host
    port.input.value = server.port
    security.input.value = server.security
  }
  const show = () => {
    own.hidden = !isOther()
  }
  choice.input.addEventListener('input', () => {
    show()
    if (!isOther()) put(servers[Number(choice.input.value)] as ServerDraft)
    else host.input.value = ''
  })

  return {
    choice: choice.element,
    own,
    read: () => ({
      host: host.input.value.trim(),
      port: port.input.value.trim(),
      security: security.input.value === 'starttls' ? 'starttls' : 'tls',
    }),
    write: (server) => {
      const index = servers.findIndex((other) => sameServer(other, server))
      choice.input.value = index < 0 ? OTHER : String(index)
      put(server)
      show()
    },
    fields: () =>
      isOther()
        ? { '/host': host, '/port': port, '/security': security }
        : { '/host': choice, '/port': choice, '/security': choice },
  }
}
