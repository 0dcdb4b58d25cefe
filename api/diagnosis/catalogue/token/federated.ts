/** Apps that authenticate with a token of another issuer (federated credentials). */
import { questions } from '../../questions.ts'
import { type Cause, WEIGHT } from '../cause.ts'
import { docs } from '../docs.ts'
import { pages } from '../fixes.ts'
import * as by from '../indicators.ts'
import { saidBy } from '../proof.ts'

const considerations =
  'https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-considerations'

export const federatedCredentialMismatch: Cause = {
  slug: 'federated-credential-mismatch',
  title: "The app's federated credential does not match the token",
  explanation:
    "The app trusts another issuer's tokens in place of a secret, but the token's issuer, subject or audience is not exactly what is registered. A credential that was created minutes ago may only need time.",
  responsible: 'app_owner',
  effect: 'credential_rejected',
  advice:
    'compare issuer, subject and audience of the federated credential in the app registration with the token',
  fixes: [
    {
      text: 'Compare the values in the message with {appRegistration} > Certificates & secrets > Federated credentials. Case and a trailing slash count. The audience is usually api://AzureADTokenExchange.',
      url: pages.secrets,
      command:
        'az ad app federated-credential list --id {clientId} --query "[].{issuer:issuer,subject:subject,audiences:audiences}"',
    },
    'If the credential was changed within the last ten minutes, try again later.',
    {
      text: 'GitHub Actions: repositories created since July 2026 send subjects with IDs (repo:OWNER@ID/REPO@ID:...). Copy the subject from the message.',
      otherPrograms: true,
    },
    {
      risk: 'If the tenant does not allow such tokens, or requires a further claim, an administrator must change that policy, or the app needs a certificate.',
    },
  ],
  docs: [
    considerations,
    'https://learn.microsoft.com/en-us/graph/api/application-post-federatedidentitycredentials',
    docs.aadsts,
  ],
  aadsts: {
    'The federated identity does not match the app': [
      700211, 700212, 700213, 7000226, 70021, 7002121, 7002131, 7002136, 7000225, 7000227,
    ],
    'Microsoft does not accept this token of its own as a federated identity': [
      700222, 700227, 700229,
    ],
    'The tenant does not allow this federated identity': {
      numbers: [700223, 700238, 7002381],
      responsible: 'tenant_admin',
    },
  },
  proof: saidBy('token_endpoint', [
    /\bno matching federated identity record found for presented assertion\b/,
  ]),
  indicators: [
    by.text(WEIGHT.overrides, [
      /no (?:matching )?federated identity (?:record|credential).{0,40}found/,
      /federated identity credentials? (?:issued|policy|that)/,
    ]),
    by.text(WEIGHT.names, [
      /(?:subject|issuer|audience) .{0,80}(?:(?:do(?:es)? not|doesn't|don't|didn't) match|differs?) .{0,60}federated/,
    ]),
  ],
  ask: [questions.fullText],
}

export const federatedIssuerUnreachable: Cause = {
  slug: 'federated-issuer-unreachable',
  title: "Microsoft cannot read the keys of the app's token issuer",
  explanation:
    "The app authenticates with a token of another issuer. Microsoft could not fetch that issuer's OpenID configuration or keys, so it could not check the token. The credential itself may be right.",
  responsible: 'operator',
  effect: 'cool_down',
  fixes: [
    {
      text: "From outside your network, open the issuer's /.well-known/openid-configuration and its jwks_uri. Both must respond with 200 and JSON over HTTPS, with a publicly trusted certificate and without a login.",
      command: "curl -sS -i '<issuer>/.well-known/openid-configuration'",
    },
    'Check that "issuer" there is the registered issuer, character for character. Then wait a few minutes: Microsoft caches failures for a short time.',
  ],
  docs: [considerations, docs.aadsts],
  aadsts: {
    'Microsoft could not reach the issuer of the federated identity': [50166, 501661, 90061],
    'Microsoft could not read the keys of the issuer of the federated identity': [900612],
  },
  indicators: by.text(WEIGHT.names, [
    /request to external oidc endpoint failed/,
    /(?:external|federated).{0,30}(?:oidc|openid|issuer|jwks).{0,60}(?:unreachable|failed|timed? ?out|not reachable|could not be (?:reached|read))/,
    /failed to (?:parse|fetch|retrieve|download) (?:the )?(?:provider|issuer)(?:'s)? (?:signing )?keys/,
  ]),
}
