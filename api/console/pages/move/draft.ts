/** The values of the import form, and the settings of the import that they yield. Pure. */
import type { Owner } from '../../../../schema/mail-account.ts'
import type { Protocol } from '../../../../schema/mail-servers.ts'
import type { Errors } from '../../ui/errors.ts'
import type { ImportSettings } from './import-many.ts'
import { parseRows } from './parse-rows.ts'

export type ImportDraft = {
  protocols: readonly Protocol[]
  department: string
  senderType: 'global' | 'brand' | 'other'
  /** Brand or other owner of the SMTP accounts. */
  sender: string
  isPersonal: boolean
  /** Mailboxes and refresh tokens, as pasted. */
  rows: string
}

export const emptyImportDraft: ImportDraft = {
  protocols: ['imap'],
  department: '',
  senderType: 'global',
  sender: '',
  isPersonal: false,
  rows: '',
}

/** Returns what is missing, by JSON pointer. */
export function errorsOf(draft: ImportDraft): Errors {
  const { protocols, department, senderType, sender } = draft
  const needsSender = protocols.includes('smtp') && senderType !== 'global'
  const parsed = parseRows(draft.rows)
  return {
    ...(protocols.length === 0 && { '/protocols': 'Choose at least one.' }),
    ...(protocols.includes('imap') &&
      department.trim() === '' && { '/department': 'Enter a department.' }),
    ...(needsSender && sender.trim() === '' && { '/sender': 'Enter an owner.' }),
    ...(!parsed.ok && { '/rows': parsed.error }),
  }
}

export function settingsOf(
  { protocols, department, senderType, sender, isPersonal }: ImportDraft,
  servers: ImportSettings['servers'],
): ImportSettings {
  const owner: Record<Protocol, Owner> = {
    imap: { type: 'department', id: department.trim() },
    smtp: senderType === 'global' ? { type: 'global' } : { type: senderType, id: sender.trim() },
  }
  const owners = Object.fromEntries(protocols.map((protocol) => [protocol, owner[protocol]]))
  return { owners, personal: isPersonal, servers }
}
