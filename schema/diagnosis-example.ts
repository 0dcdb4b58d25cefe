/** The example of the API reference for diagnoses: a report and its diagnosis. */

export const reportExample = {
  protocol: 'smtp',
  stage: 'auth',
  error:
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
  evidence: { host: 'smtp.office365.com', port: 587, mechanism: 'xoauth2' },
}

export const causeExample = {
  cause: 'smtp-auth-disabled-tenant',
  url: 'https://mail.example.com/docs/causes/smtp-auth-disabled-tenant',
  title: 'SMTP AUTH is disabled for the organisation',
  explanation:
    'The organisation does not allow programs to log in to SMTP, which is the default for newer ones. OAuth depends on this setting too.',
  responsible: 'tenant_admin',
  retryable: false,
  fixes: [
    {
      text: 'Best: allow it for this mailbox only, which overrides the organisation. It can take an hour to work.',
      command: "Set-CASMailbox -Identity '<mailbox>' -SmtpClientAuthenticationDisabled $false",
    },
  ],
  docs: [
    'https://learn.microsoft.com/en-us/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission',
  ],
}

export const diagnosisExample = {
  verdict: 'certain',
  candidates: [{ ...causeExample, likelihood: 1 }],
  proof: { text: 'SmtpClientAuthentication is disabled for the Tenant.', source: 'mail_server' },
  ask: [],
  interpretation: { protocol: 'smtp', stage: 'auth', source: 'mail_server' },
}
