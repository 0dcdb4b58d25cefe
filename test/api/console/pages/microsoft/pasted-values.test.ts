import { describe, expect, it } from 'vitest'
import { parsePastedValues } from '../../../../../api/console/pages/microsoft/pasted-values.ts'

const CLIENT = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'
const TENANT = '0b7c21d4-9e55-4c1a-8f0e-2d5a7b6c9e10'
const SECRET = 'abc8Q~the-value.shown_once'
const all = { client_id: CLIENT, home_tenant: TENANT, secret: SECRET, end: '2028-11-24' }

describe('a pasted text', () => {
  it('is read as the output of a setup script', () => {
    const text = `
Enter these values in the Microsoft settings (PUT /v1/integrations/microsoft/settings):

  Client ID      client_id                 ${CLIENT}
  Client secret  credential.client_secret  ${SECRET}
  Expires        credential.expires_at     2028-11-24T10:00:00Z
  Home tenant    home_tenant               ${TENANT}

The secret cannot be shown again. Clear this screen after saving it.`
    expect(parsePastedValues(text)).toEqual(all)
  })

  it('is read as the output of a setup script that added a federated credential', () => {
    const text = `
Enter these values in the Microsoft settings (PUT /v1/integrations/microsoft/settings):

  Client ID      client_id                 ${CLIENT}
  Credential     credential.type           federated
  Home tenant    home_tenant               ${TENANT}

If the settings have another credential, enter this one as the next.`
    expect(parsePastedValues(text)).toEqual({
      client_id: CLIENT,
      home_tenant: TENANT,
      kind: 'federated',
    })
  })

  it('is read as JSON of the Azure CLI, or of the API', () => {
    const cli = { appId: CLIENT, displayName: 'Mailgrant', password: SECRET, tenant: TENANT }
    const { end: _, ...undated } = all
    expect(parsePastedValues(JSON.stringify(cli, null, 2))).toEqual(undated)
    const input = {
      client_id: CLIENT,
      credential: { client_secret: SECRET, expires_at: '2028-11-24T10:00:00Z' },
      tenant: 'common',
      home_tenant: 'contoso.com',
    }
    expect(parsePastedValues(JSON.stringify(input))).toEqual({ ...all, home_tenant: 'contoso.com' })
  })

  it('is read as "Essentials" of the portal', () => {
    const text = `Display name\n:\nMailgrant\nApplication (client) ID\n:\n${CLIENT}\nObject ID\n:\n${crypto.randomUUID()}\nDirectory (tenant) ID\n:\n${TENANT}`
    expect(parsePastedValues(text)).toEqual({ client_id: CLIENT, home_tenant: TENANT })
  })

  it('is a value like any other if it names none', () => {
    for (const text of [CLIENT, SECRET, 'contoso.com', 'my password', '']) {
      expect(parsePastedValues(text)).toBeNull()
    }
  })
})
