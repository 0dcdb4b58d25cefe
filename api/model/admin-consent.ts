/** A link with which a tenant admin consents to the app. It can be reused until it has succeeded. */
export type AdminConsentRecord = {
  id: string
  tenant: string
  authorizationId: string | null
  createdAt: Date
  expiresAt: Date
  succeededAt: Date | null
}
