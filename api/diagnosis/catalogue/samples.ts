/**
 * Texts by which people find a cause: what a program, a server or a page shows, the clearest first. A cause
 * that only this product can observe has none.
 */
export const samples: Readonly<Record<string, readonly string[]>> = {
  'dns-failure': [
    'Error: getaddrinfo ENOTFOUND outlok.office365.com',
    'getaddrinfo EAI_AGAIN smtp.office365.com',
    'dial tcp: lookup smtp.office365.com: no such host',
    "The remote name could not be resolved: 'smtp.office365.com'",
  ],
  'network-blocked': [
    'Error: connect ETIMEDOUT 52.98.171.210:993',
    'dial tcp 52.97.1.2:587: i/o timeout',
    'SMTP connect() failed: Connection timed out (110)',
    'Error: Greeting never received',
  ],
  'wrong-port-or-host': [
    'connect ECONNREFUSED 127.0.0.1:993',
    '+OK The Microsoft Exchange POP3 service is ready.',
  ],
  'tls-certificate-incomplete': [
    'certificate verify failed: Missing Authority Key Identifier (_ssl.c:1032)',
    'certificate verify failed: Basic Constraints of CA cert not marked critical (_ssl.c:1028)',
  ],
  'tls-certificate-purpose': [
    'Error: unsuitable certificate purpose',
    'x509: certificate specifies an incompatible key usage',
  ],
  'tls-mode-mismatch': [
    'error:0A00010B:SSL routines::wrong version number',
    '530 5.7.0 Must issue a STARTTLS command first',
    'tls: first record does not look like a TLS handshake',
    'The handshake failed due to an unexpected packet format.',
  ],
  'tls-server-too-weak': [
    'error:0A00018A:SSL routines::dh key too small',
    'SSL_CTX_use_certificate: ca md too weak',
  ],
  'tls-verification-failed': [
    'cURL error 60: SSL certificate problem: unable to get local issuer certificate',
    'Error: self-signed certificate in certificate chain',
    'x509: certificate signed by unknown authority',
    "Hostname/IP does not match certificate's altnames",
  ],
  'tls-version-too-old': [
    '421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2.',
    'error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol',
    'gnutls: A TLS fatal alert has been received: protocol version',
  ],
  'server-transient': [
    '451 4.7.0 Temporary server error. Please try again later. PRX4',
    'A3 NO [UNAVAILABLE] Temporary authentication failure',
    '454 4.7.0 Temporary authentication failure.',
  ],
  'basic-auth-blocked': [
    'a1 NO LOGIN failed.',
    '550 5.7.30 Basic authentication is not supported for Client Submission.',
    'javax.mail.AuthenticationFailedException: LOGIN failed.',
    'LogonDenied-BasicAuthBlocked',
  ],
  'client-sent-no-auth': [
    '530 5.7.57 Client not authenticated to send mail.',
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
  ],
  'security-defaults-block': [
    "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.",
    'AADSTS530035: Access has been blocked by security defaults.',
  ],
  'token-missing-protocol-scope': [
    'NO AUTHENTICATE failed.',
    '535 5.7.3 Authentication unsuccessful',
  ],
  'token-wrong-audience': ['NO AUTHENTICATE failed.', '535 5.7.3 Authentication unsuccessful'],
  'token-corrupt-or-malformed': [
    '501 5.5.124 Invalid XOAUTH2 auth data',
    'IDX12741: JWT must have three segments (JWS) or five segments (JWE).',
    'CompactToken parsing failed with error code: 80049217',
  ],
  'auth-line-too-long': [
    '535 5.7.8 Error: authentication failed: Invalid base64 data in initial response',
    '500 5.5.6 SASL response limit exceeded',
    'AUTH XOAUTH2 command failed: 500 5.5.2 Line too long',
    'msmtp: Cannot send command because it is longer than 4094 characters. Increase SMTP_MAXCMDLEN.',
    'overlong write_command in outgoing SMTP',
  ],
  'token-command-failed': [
    'operation error (External program error (mailgrant-token exited with 1))',
    "msmtp: cannot read output of 'mailgrant-token ma_...'",
    'mutt_account_getoauthbearer: Command returned empty string',
    'Skipping account work, PassCmd exited with status 1',
  ],
  'token-expired': [
    '* BYE Session invalidated - AccessTokenExpired',
    'Access token has expired or is not yet valid.',
  ],
  'app-only-permission-missing': [
    'NO AUTHENTICATE failed.',
    '535 5.7.3 Authentication unsuccessful',
  ],
  'sp-mailbox-permission-missing': ['BAD User is authenticated but not connected.'],
  'sp-not-registered-in-exchange': [
    'NO AUTHENTICATE failed. Error="AuthFailed:LogonDenied-None-OAuthLogin"',
  ],
  'sp-wrong-object-id': ['NO AUTHENTICATE failed.'],
  'account-mismatch': ['BAD User is authenticated but not connected.'],
  'shared-mailbox-no-permission': [
    'BAD User is authenticated but not connected.',
    'NO [AUTHORIZATIONFAILED] access denied',
  ],
  'shared-mailbox-smtp-identity': ['535 5.7.3 Authentication unsuccessful'],
  'xoauth2-username-wrong-form': ['501 5.5.4 User address provided is not valid'],
  'consumer-imap-service-bug': ['BAD User is authenticated but not connected.'],
  'consumer-imap-toggle-off': ['BAD User is authenticated but not connected.'],
  'imap-disabled-mailbox': [
    'NO IMAP is disabled for this mailbox',
    'BAD User is authenticated but not connected.',
  ],
  'mailbox-missing': ['The mailbox was not found: on-premises or without licence. MailboxNotFound'],
  'send-as-denied': [
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    '554 5.2.252 SendAsDenied; jane@contoso.com not allowed to send as info@contoso.com',
  ],
  'smtp-auth-disabled-mailbox': [
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information.',
  ],
  'smtp-auth-disabled-tenant': [
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.',
  ],
  'message-too-large': [
    '552 5.3.4 Message size exceeds fixed maximum message size',
    'NO Maximum size of appendable message has been exceeded',
  ],
  'recipient-refused': [
    '550 5.4.1 Recipient address rejected: Access denied. AS(201806281)',
    '550 5.7.124 RESOLVER.RST.SenderNotInAllowedSendersList; Sender not in allowed-senders list',
  ],
  'relay-without-connector': [
    '550 5.7.64 TenantAttribution; Relay Access Denied',
    '550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources',
  ],
  'sender-restricted': [
    '550 5.1.8 Access denied, bad outbound sender. AS(42004)',
    '550 5.7.502 Access denied, banned sender[anna.berg@contoso.com]',
  ],
  'tenant-blocked-from-sending': [
    '550 5.7.705 Access denied, tenant has exceeded threshold.',
    '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.',
    '550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains.',
  ],
  'client-software-bug': [
    'SASL(-1): generic failure: Unable to find a callback: 18948',
    'Net::IMAP::ResponseParseError: unexpected token EOF (expected CRLF)',
  ],
  'mailbox-full': ['554 5.2.2 mailbox full'],
  throttled: [
    'BAD Request is throttled. Suggested Backoff Time: 105346 milliseconds',
    '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded',
    'A2 NO [LIMIT] Too many simultaneous connections',
  ],
  'redirect-uri-mismatch': [
    'AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured for the application.',
    'AADSTS500113: No reply address is registered for the application.',
  ],
  'wrong-redirect-platform': [
    "AADSTS9002326: Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
    "AADSTS9002327: Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
  ],
  'app-disabled': [
    "AADSTS7000112: Application '11111111-2222-3333-4444-555555555555'(Mail) is disabled.",
  ],
  'first-party-app-id': [
    "AADSTS65002: Consent between first party application 'x' and first party resource 'y' must be configured via preauthorization",
  ],
  'user-not-assigned': [
    "AADSTS50105: Your administrator has configured the application Mail to block users unless they are specifically granted ('assigned') access to the application.",
  ],
  'wrong-client-id': [
    "AADSTS700016: Application with identifier '11111111-2222-3333-4444-555555555555' was not found in the directory 'Contoso'.",
    'AADSTS90112: Application identifier is expected to be a GUID.',
  ],
  'single-tenant-app': [
    'AADSTS50194: Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported',
  ],
  'tenant-restrictions': [
    'AADSTS500021: Access to Contoso tenant is denied.',
    'Access is blocked by the organization: your network administrator has set tenant restrictions',
  ],
  'tenant-unavailable': ['AADSTS5000225: This tenant has been blocked due to inactivity.'],
  'wrong-tenant-or-cloud': [
    "AADSTS90002: Tenant 'contso.com' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    'AADSTS7000012: The grant was obtained for a different tenant.',
  ],
  'account-type-not-allowed': [
    "AADSTS50020: User account 'x@outlook.com' from identity provider 'live.com' does not exist in tenant 'Contoso' and cannot access the application",
    'AADSTS9002332: Application is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.',
    "You can't sign in here with a personal account. Use your work or school account instead.",
  ],
  'guest-or-external-user': [
    "Selected user account does not exist in tenant 'Contoso' and cannot access the application '1111' in that tenant.",
    'AADSTS90072: User account from identity provider does not exist in tenant',
  ],
  'admin-consent-required': [
    'AADSTS90094: The grant requires admin permission. Ask an admin to grant permission to this app',
    'Need admin approval',
    'Administratorgenehmigung erforderlich',
    "Approbation de l'administrateur nécessaire",
  ],
  'resource-not-in-tenant': [
    'AADSTS500011: The resource principal named https://outlook.office.com was not found in the tenant named Contoso.',
    "AADSTS650052: The app is trying to access a service 'x' that your organization 'Contoso' lacks a service principal for.",
  ],
  'resource-permission-misdeclared': [
    "AADSTS650057: Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration.",
    'AADSTS650056: Misconfigured application.',
  ],
  'user-consent-missing': [
    "AADSTS65001: The user or administrator has not consented to use the application with ID '1111' named 'Mail'.",
    'AADSTS65004: User declined to consent to access the app.',
  ],
  'mfa-or-interaction-required': [
    'AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
    'AADSTS50158: External security challenge not satisfied.',
    'More information required. Your organization needs more information to keep your account secure',
  ],
  'user-sign-in-refused': [
    'AADSTS50126: Error validating credentials due to invalid username or password.',
    'AADSTS50034: The user account does not exist in the Contoso directory.',
    "We couldn't find an account with that username.",
  ],
  'conditional-access-block': [
    'AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    "You can't get there from here. Your sign-in was successful but does not meet the criteria to access this resource.",
  ],
  'invalid-scope': [
    "AADSTS650053: The application 'Mail' asked for scope 'IMAP.AccessAsUser' that doesn't exist on the resource",
    'AADSTS28000: Provided value for the input parameter scope is not valid because it contains more than one resource.',
  ],
  'malformed-oauth-request': [
    "AADSTS900144: The request body must contain the following parameter: 'refresh_token'.",
    "AADSTS700054: response_type 'id_token' is not enabled for the application.",
  ],
  'callback-unreachable': [
    'Error: The OAuth callback state is invalid!',
    "This site can't be reached. localhost refused to connect. http://localhost:8400/?code=... ERR_CONNECTION_REFUSED",
    '414 Request-URI Too Large GET /login/return?code=...&state=... HTTP/1.1',
  ],
  'app-management-policy': [
    'Failed to add password credential: Credential lifetime exceeds the max value allowed as per assigned policy',
    "CredentialTypeNotAllowedAsPerAppPolicy: Credential type not allowed as per assigned policy 'Default app management policy'.",
  ],
  'personal-account-without-directory': [
    'The ability to create applications outside of a directory has been deprecated.',
    'Registering an application outside a directory is no longer supported for this account.',
  ],
  'client-assertion-invalid': [
    'AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application.',
    'AADSTS700024: Client assertion is not within its valid time range.',
  ],
  'client-secret-expired': [
    "AADSTS7000222: The provided client secret keys for app '1111' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret",
  ],
  'client-secret-missing': [
    "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  ],
  'client-secret-on-public-client': [
    "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  ],
  'client-secret-wrong': [
    'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID',
  ],
  'federated-credential-mismatch': [
    'AADSTS700213: No matching federated identity record found for presented assertion subject',
    'AADSTS70021: No matching federated identity record found for presented assertion.',
  ],
  'federated-issuer-unreachable': ['AADSTS501661: Request to External OIDC endpoint failed.'],
  'code-exchange-problem': [
    "AADSTS70000: The provided value for the 'code' parameter is not valid.",
    'AADSTS501481: The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  ],
  'grant-of-another-app': ['AADSTS700007: The grant was issued for a different client id.'],
  'refresh-token-expired': [
    'AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2024-01-01 and was inactive for 90.00:00:00.',
    'AADSTS70008: The provided authorization code or refresh token has expired due to inactivity.',
  ],
  'refresh-token-missing': [
    'The token response contains no refresh_token',
    'Refresh token is missing, cannot renew the access token',
  ],
  'refresh-token-revoked': [
    'AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed.',
    'AADSTS50133: Session is invalid due to expiration or recent password change.',
  ],
  'scope-not-consented-at-refresh': [
    'AADSTS70000: The request was denied because one or more scopes requested are unauthorized or expired. The user must first sign in and grant the client application access to the requested scope.',
  ],
  'mailgrant-sign-in-required': [
    'The account no longer has a grant. Get a new access token. (reconnect_required)',
    'urllib.error.HTTPError: HTTP Error 409: Conflict',
  ],
  'mailgrant-administrator-required': [
    'The Microsoft integration is switched off. No data is lost: an administrator can activate it in the settings of the integration. (integration_inactive)',
  ],
  'mailgrant-call-refused': [
    'There is nothing with this ID: it must be the id of an email account (ma_...). (not_found)',
    'This API key is unknown, expired or revoked. Send a valid API key as "Authorization: Bearer ...". (unauthorized)',
  ],
  'mailgrant-unavailable': [
    "Microsoft's sign-in service could not be reached: it will be retried automatically. (provider_unavailable)",
  ],
  'app-only-not-consented': [
    'AADSTS7000229: The client application 11111111-2222-3333-4444-555555555555 is missing service principal in the tenant 22222222-3333-4444-5555-666666666666.',
  ],
  'client-mechanism-unavailable': [
    'warning: SASL authentication failure: No worthy mechs found',
    'IMAP error: selected SASL mechanism(s) not available; available: EXTERNAL',
    'smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server.',
    '*** XOAUTH2 is not a recognized auth type, skipping',
  ],
  'clock-wrong': ['The id_token is not yet valid (nbf): check the clock of the server'],
  'identity-not-proven': ['nonce in the id_token does not match the nonce of the request'],
  'local-relay-not-microsoft': [
    'Mailer Error: Could not instantiate mail function.',
    'sh: 1: /usr/sbin/sendmail: not found',
  ],
  'not-microsofts-server': [
    '535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6',
    'a1 NO [AUTHENTICATIONFAILED] Authentication failed.',
  ],
  'program-settings': [
    'SMTP password is required.',
    "PermissionError: [Errno 13] Permission denied: '/var/lib/mail/token.json'",
    '550 5.7.506 Access Denied, Bad HELO',
  ],
  'proxy-refused': [
    'curl: (56) CONNECT tunnel failed, response 403',
    'curl: (56) Received HTTP code 407 from proxy after CONNECT',
  ],
  'runtime-cannot-call-out': [
    'Mailer Error: Extension missing: openssl',
    'PHP Warning: file_get_contents(): https:// wrapper is disabled in the server configuration by allow_url_fopen=0',
    'curl: (77) error setting certificate verify locations: CAfile: /etc/ssl/certs/ca-certificates.crt CApath: none',
  ],
  'sign-in-not-finished': [
    'BrowserAuthError: user_cancelled: User cancelled the flow.',
    'Microsoft.Identity.Client.MsalClientException: User canceled authentication. ErrorCode: authentication_canceled',
  ],
  'smtp-redirected-by-host': [
    "stream_socket_enable_crypto(): Peer certificate CN=`*.hostinger.com' did not match expected CN=`smtp.office365.com'",
    'x509: certificate is valid for *.prod.phx3.secureserver.net, secureserver.net, not smtp.office365.com',
  ],
  'mail-host-not-allowed': [
    'A token may not be sent to mail.example.org:993. Save the account with a server of its Microsoft cloud. (mail_host_not_allowed)',
  ],
  'token-endpoint-answered-by-other': [
    'SyntaxError: Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    "oauth2: cannot parse json: invalid character '<' looking for beginning of value",
  ],
}
