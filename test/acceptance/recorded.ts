/**
 * Responses of the real Microsoft that other projects recorded or logged, reduced to facts: statuses, error numbers,
 * and names of members. The tests send the same requests to the sandbox and compare.
 */

export type Recorded = {
  source: string
  date: string
  status: number
  /** Headers whose values the sandbox must send as well. */
  headers?: Readonly<Record<string, string>>
  /** The members that say what was refused, with their values. */
  refusal?: { error: string; error_codes: number[]; suberror?: string }
  /** All members of the response, sorted. Those of an object within it have its name before them. */
  members: string
  /** Members and values in which the sandbox differs, each with the reason. */
  differs?: Readonly<Record<string, string>>
}

const identity =
  'https://github.com/Azure/azure-sdk-for-js/blob/main/sdk/identity/identity/recordings/node/'

const NO_STORE = {
  'cache-control': 'no-store, no-cache',
  'content-type': 'application/json; charset=utf-8',
  pragma: 'no-cache',
}
const CACHED = {
  'cache-control': 'max-age=86400, private',
  'content-type': 'application/json; charset=utf-8',
}

const REFUSAL =
  'correlation_id error error_codes error_description error_uri timestamp trace_id' as const
const REFUSAL_WITH_SUBERROR =
  'correlation_id error error_codes error_description error_uri suberror timestamp trace_id'

/** Members of a refusal in 2019. */
const NO_URI = { error_uri: 'added since the response was recorded' }
const UNUSED = 'Mailgrant does not read it'

export const recorded = {
  metadata: {
    source: `${identity}clientsecretcredential/recording_authenticates.json`,
    date: '2022-03-01',
    status: 200,
    headers: CACHED,
    members:
      'authorization_endpoint claims_supported cloud_graph_host_name cloud_instance_name device_authorization_endpoint end_session_endpoint frontchannel_logout_supported http_logout_supported id_token_signing_alg_values_supported issuer jwks_uri kerberos_endpoint msgraph_host rbac_url request_uri_parameter_supported response_modes_supported response_types_supported scopes_supported subject_types_supported tenant_region_scope token_endpoint token_endpoint_auth_methods_supported userinfo_endpoint',
    differs: {
      claims_supported: UNUSED,
      cloud_graph_host_name: UNUSED,
      cloud_instance_name: UNUSED,
      device_authorization_endpoint: UNUSED,
      end_session_endpoint: UNUSED,
      frontchannel_logout_supported: UNUSED,
      http_logout_supported: UNUSED,
      kerberos_endpoint: UNUSED,
      msgraph_host: UNUSED,
      rbac_url: UNUSED,
      tenant_region_scope: UNUSED,
      userinfo_endpoint: UNUSED,
    },
  },
  metadataOfNoTenant: {
    source: `${identity}environmentcredential/recording_throws_an_authenticationerror_when_gettoken_is_called_and_environmentcredential_authentication_failed.json`,
    date: '2023-08-03',
    status: 400,
    headers: { 'content-type': CACHED['content-type'] },
    refusal: { error: 'invalid_tenant', error_codes: [90002] },
    members: REFUSAL,
  },
  clientCredentials: {
    source: `${identity}clientsecretcredential/recording_authenticates.json`,
    date: '2022-03-01',
    status: 200,
    headers: NO_STORE,
    members: 'access_token expires_in ext_expires_in token_type',
  },
  /** The response to a device code, which is that to an authorization code. With `client_info=1`. */
  tokens: {
    source: `${identity}devicecodecredential_internal/recording_authenticates_silently_after_the_initial_request.json`,
    date: '2022-03-01',
    status: 200,
    headers: NO_STORE,
    members:
      'access_token client_info expires_in ext_expires_in id_token refresh_token scope token_type',
  },
  wrongSecret: {
    source: 'https://github.com/dotnet/AspNetCore.Docs/issues/22325',
    date: '2021-05-16',
    status: 401,
    headers: { 'cache-control': NO_STORE['cache-control'], pragma: NO_STORE.pragma },
    refusal: { error: 'invalid_client', error_codes: [7000215] },
    members: REFUSAL,
  },
  revokedSessions: {
    source: `${identity}cae/recording_usernamepasswordcredential.js`,
    date: '2021-10-29',
    status: 400,
    headers: NO_STORE,
    refusal: { error: 'invalid_grant', error_codes: [50173], suberror: 'bad_token' },
    members: REFUSAL_WITH_SUBERROR,
  },
  /** Logged by MSAL, with the number and the suberror; the members are those of the other refusals. */
  inactiveToken: {
    source: 'https://github.com/microsoft/foundry-dev-tools/issues/707',
    date: '2026-08-26',
    status: 400,
    refusal: { error: 'invalid_grant', error_codes: [700082], suberror: 'bad_token' },
    members: REFUSAL_WITH_SUBERROR,
  },
  missingConsent: {
    source: 'https://github.com/O365/python-o365/issues/323',
    date: '2019-10-02',
    status: 400,
    refusal: { error: 'invalid_grant', error_codes: [65001], suberror: 'consent_required' },
    members: 'correlation_id error error_codes error_description suberror timestamp trace_id',
    differs: NO_URI,
  },
  multiFactor: {
    source: 'https://github.com/microsoft/vscode-azureappservice/issues/2592',
    date: '2023-11-20',
    status: 400,
    refusal: { error: 'interaction_required', error_codes: [50076], suberror: 'basic_action' },
    // The log ends before the others, which are those of the other refusals.
    members: REFUSAL_WITH_SUBERROR,
    differs: { claims: 'sent if a policy wants more than a second factor' },
  },
  expiredPersonalGrant: {
    source: 'https://github.com/sagarrabadiya/outlook-php/issues/16',
    date: '2019-05-24',
    status: 400,
    refusal: { error: 'invalid_grant', error_codes: [70000] },
    members: 'correlation_id error error_codes error_description timestamp trace_id',
    differs: { ...NO_URI, suberror: 'other sentences of this number have it' },
  },
  graphOtherToken: {
    source: `${identity}cae/recording_usernamepasswordcredential.js`,
    date: '2021-10-29',
    status: 401,
    headers: { 'content-type': 'application/json' },
    members:
      'error error.code error.innerError error.innerError.client-request-id error.innerError.date error.innerError.request-id error.message',
  },
  graphDenied: {
    source: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3736',
    date: '2021-03-23',
    status: 403,
    members:
      'error error.code error.innerError error.innerError.client-request-id error.innerError.date error.innerError.request-id error.message',
  },
} as const satisfies Record<string, Recorded>
