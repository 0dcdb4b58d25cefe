import { expect, it } from 'vitest'
import { emptyDraft } from '../../../../../api/console/pages/email-account/draft.ts'
import { mergeDrafts } from '../../../../../api/console/pages/email-account/merge.ts'

const server = { host: 'outlook.office365.com', port: 993, security: 'tls' } as const
const base = emptyDraft('imap', [server], { mailbox: 'support@contoso.test' })

it('keeps what was typed and takes all else from the newer values', () => {
  const typed = { ...base, name: 'Mine' }
  const newer = { ...base, ownerId: 'dep_7' }
  expect(mergeDrafts(base, typed, newer)).toEqual({
    draft: { ...base, name: 'Mine', ownerId: 'dep_7' },
    kept: [],
  })
})

it('names what both have changed, to different values', () => {
  const typed = { ...base, name: 'Mine', port: '143' }
  const newer = { ...base, name: 'Theirs', port: '143' }
  expect(mergeDrafts(base, typed, newer)).toEqual({
    draft: { ...base, name: 'Mine', port: '143' },
    kept: ['name'],
  })
})
