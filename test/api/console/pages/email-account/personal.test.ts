import { expect, it } from 'vitest'
import { personalServer } from '../../../../../api/console/pages/email-account/personal.ts'
import { microsoftMailServers } from '../../../../../schema/mail-servers.ts'

const known = microsoftMailServers.global.smtp
const work = { host: 'smtp.office365.com', port: '587', security: 'starttls' } as const
const personal = { host: 'smtp-mail.outlook.com', port: '587', security: 'starttls' } as const

it("changes Microsoft's server with the kind of account that signed in", () => {
  expect(personalServer(work, known, 'personal')).toEqual(personal)
  expect(personalServer(personal, known, 'work')).toEqual(work)
})

it('leaves every other server as it was chosen', () => {
  const own = { host: 'relay.example.com', port: '465', security: 'tls' } as const
  expect(personalServer(own, known, 'personal')).toBe(own)
  expect(personalServer(work, known, 'work')).toBe(work)
  expect(personalServer(work, microsoftMailServers.china.smtp, 'personal')).toBe(work)
})
