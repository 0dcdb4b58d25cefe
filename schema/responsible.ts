/** The parties who can act on a failure, each with the phrase for people. Without zod, for the console. */
export const whoActs = {
  user: 'the person who signs in',
  tenant_admin: 'your Microsoft 365 admin',
  app_owner: 'the owner of the app registration',
  operator: 'your Mailgrant administrator',
  microsoft: 'Microsoft',
}

export type Responsible = keyof typeof whoActs
