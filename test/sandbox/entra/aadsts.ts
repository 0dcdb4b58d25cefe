/**
 * The AADSTS numbers of the simulated Entra: OAuth error code, message with `{placeholders}`, and the
 * HTTP status at the token endpoint unless it is 400. The messages follow real ones.
 */
type Entry = readonly [error: string, message: string, status?: number]

export const aadsts = {
  28000: [
    'invalid_request',
    'Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {scope} is not valid.',
  ],
  28003: [
    'invalid_request',
    'Provided value for the input parameter scope cannot be empty when requesting an access token using the provided authorization code. Please specify a valid scope.',
  ],
  50011: [
    'invalid_request',
    "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for the application '{client}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal.",
  ],
  50034: [
    'invalid_request',
    'The user account {account} does not exist in the {tenant} directory.',
  ],
  50057: ['invalid_request', 'The user account is disabled.'],
  50059: [
    'invalid_request',
    'No tenant-identifying information found in either the request or implied by any provided credentials.',
  ],
  50076: [
    'interaction_required',
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000002-0000-0ff1-ce00-000000000000'.",
  ],
  50089: [
    'invalid_request',
    'Authentication failed due to flow token expired. Please sign in again.',
  ],
  50166: ['invalid_request', 'Request to External OIDC endpoint failed.'],
  501661: ['invalid_request', 'Request to External OIDC endpoint failed: {why}.'],
  50173: [
    'invalid_grant',
    'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
  ],
  500011: [
    'invalid_resource',
    'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  ],
  500112: [
    'invalid_client',
    'The reply address does not match the reply address provided when requesting Authorization code.',
    401,
  ],
  501481: [
    'invalid_grant',
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  ],
  53003: [
    'access_denied',
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  ],
  54005: [
    'invalid_grant',
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  ],
  65001: [
    'invalid_grant',
    "The user or administrator has not consented to use the application with ID '{client}'. Send an interactive authorization request for this user and resource.",
  ],
  65004: ['consent_required', 'User declined to consent to access the app.'],
  65005: [
    'invalid_client',
    "The application '{client}' asked for permission '{scope}' which is not in its required resource access list. Contact the app vendor.",
  ],
  70000: ['invalid_grant', 'Provided grant is invalid or malformed.'],
  700005: [
    'invalid_grant',
    'Provided Authorization Code is intended to use against other tenant, thus rejected. OAuth2 Authorization Code must be redeemed against same tenant it was acquired for (/common or /{tenant-ID} as appropriate).',
  ],
  700016: [
    'unauthorized_client',
    "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  ],
  700024: [
    'invalid_client',
    'Client assertion is not within its valid time range. Review the documentation and send a fresh assertion.',
    401,
  ],
  700027: [
    'invalid_client',
    "The certificate with identifier used to sign the client assertion is not registered on application '{client}'. [Reason - {why}.]",
    401,
  ],
  700211: [
    'invalid_client',
    "No matching federated identity record found for presented assertion issuer '{issuer}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
    401,
  ],
  700212: [
    'invalid_client',
    "No matching federated identity record found for presented assertion audience '{audience}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
    401,
  ],
  700213: [
    'invalid_client',
    "No matching federated identity record found for presented assertion subject '{subject}'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
    401,
  ],
  70003: ['unsupported_grant_type', "The app requested an unsupported grant type '{grant_type}'."],
  70008: [
    'invalid_grant',
    'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
  ],
  70011: [
    'invalid_scope',
    "The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid.",
  ],
  700007: ['invalid_grant', 'The grant was issued for a different client id.'],
  700082: [
    'invalid_grant',
    'The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.',
  ],
  7000215: [
    'invalid_client',
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.",
    401,
  ],
  7000218: [
    'invalid_client',
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    401,
  ],
  7000222: [
    'invalid_client',
    "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app, or consider using certificate credentials for added security.",
    401,
  ],
  90002: [
    'invalid_request',
    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
  ],
  50196: [
    'invalid_grant',
    'The server terminated an operation because it encountered a client request loop. Please contact your app vendor.',
  ],
  90033: ['temporarily_unavailable', 'A transient error has occurred. Please try again.', 503],
  90094: [
    'access_denied',
    '{app} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.',
  ],
  90130: [
    'invalid_request',
    'The endpoint is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
  ],
  900144: ['invalid_request', "The request body must contain the following parameter: '{name}'."],
  1002012: [
    'invalid_scope',
    'The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
  ],
  9002326: [
    'invalid_request',
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'.",
  ],
  9001023: [
    'invalid_request',
    'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
  ],
} as const satisfies Record<number, Entry>

export type Aadsts = keyof typeof aadsts
