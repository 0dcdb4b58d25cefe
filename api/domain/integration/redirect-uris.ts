/** The two addresses that are registered at Entra. */
export const redirectUri = (publicUrl: string) => `${publicUrl}/oauth/microsoft/callback`

export const adminConsentRedirectUri = (publicUrl: string) =>
  `${publicUrl}/oauth/microsoft/admin-consent`
