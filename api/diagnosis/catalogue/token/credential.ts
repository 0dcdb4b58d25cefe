/** Authentication of the app at the token endpoint: secret, certificate, or nothing. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, type Cause, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { pages } from '../fixes.ts'
import * as by from '../indicators.ts'
import { ASSERTION_REFUSED, NO_RESOURCE, SECRET_WRONG_OR_MISSING } from '../numbers.ts'
import { named, saidBy } from '../proof.ts'

/** Returns true if the app authenticates with a certificate, so that no secret is at fault. */
const withCertificate = ({ facts: { raw } }: ParsedReport) =>
  /cert|assertion|jwt/.test(raw.client_auth ?? '')

export const clientSecretWrong: Cause = {
  slug: 'client-secret-wrong',
  title: 'The client secret is wrong',
  explanation:
    'The secret does not belong to this app. Most often the Secret ID was copied instead of the Value, which is shown only once; or it was cut off, or its special characters were not encoded.',
  responsible: 'app_owner',
  effect: 'credential_rejected',
  fixes: [
    {
      text: '{appRegistration} > Certificates & secrets > New client secret, and copy the Value immediately (not the Secret ID).',
      url: pages.secrets,
    },
    'Check that client ID and secret belong to the same app, and that neither was cut off when pasted.',
  ],
  docs: [docs.aadsts],
  aadsts: {
    'The client secret is wrong; often its ID was entered instead of its value': [7000215],
    'The client secret is wrong or missing': [SECRET_WRONG_OR_MISSING],
  },
  proof: saidBy('token_endpoint', /\binvalid client secret (?:is )?provided\b/),
  indicators: [
    by.text(WEIGHT.names + 0.5, [
      /invalid client secret/,
      /client secret (?:is |provided is )?(?:invalid|wrong|incorrect)/,
    ]),
    // The text describes what was entered.
    and(
      by.text(WEIGHT.suggests, [
        /\b(?<!n't |not |never )(?:copied|pasted|entered|used|took) (?:[a-z']{1,10} ){0,3}secret'?s? id\b/,
      ]),
      by.response(1, 'client refused'),
    ),
    and(
      by.code(4, SECRET_WRONG_OR_MISSING, ASSERTION_REFUSED),
      ({ text }) => !/certificate|assertion|contain|include/.test(text),
    ),
    and(by.response(2.6, 'client refused'), by.oauth(1, 'invalid_client')),
    by.response(1.4, 'client refused'),
    by.meaning(2, 'client-refused'),
  ],
  modifiers: [
    and(
      where(-3, ({ facts: { raw } }) => raw.client_auth === 'none'),
      by.response(1, 'client refused'),
    ),
    where(WEIGHT.excludes, (parsed) => withCertificate(parsed) && parsed.codes.length === 0),
    and(by.fact(-0.5, 'workedBefore', true), by.response(1, 'client refused')),
    where(-3, ({ text }) => /expired|must (?:contain|include)/.test(text)),
  ],
  ask: [questions.number],
}

export const clientSecretExpired: Cause = {
  slug: 'client-secret-expired',
  title: 'The client secret has expired',
  explanation:
    'Client secrets expire after two years at most. Every mailbox of this app fails until a new secret is set; existing sign-ins stay valid.',
  responsible: 'app_owner',
  effect: 'credential_rejected',
  fixes: [
    {
      text: '{appRegistration} > Certificates & secrets: if the date under Expires has passed, select New client secret, then enter its Value in the settings of {program}. This requires an owner of the app, or the role Cloud Application Administrator.',
      url: pages.secrets,
    },
    'The Value is shown only once. If another person has to enter it, share it through a password manager, and not by email or chat. No user has to sign in again.',
    { test: 'It worked when the mailboxes of the app work again. Then delete the old secret.' },
  ],
  docs: ['https://aka.ms/NewClientSecret', docs.aadsts],
  aadsts: { 'The client secret has expired': [7000222] },
  proof: saidBy('token_endpoint', [
    /\bthe provided client secret keys (?:for app '.{1,80}' )?are expired\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names + 0.5, [
      /(?:client )?secret (?:keys? )?.{0,60}(?:are|is|has|have) (?:either )?expired/,
      /create new keys for your app/,
    ]),
    and(by.response(1.4, 'client refused'), by.oauth(1, 'invalid_client')),
  ],
  modifiers: [
    and(by.fact(1.8, 'workedBefore', true), by.response(1, 'client refused')),
    where(WEIGHT.excludes, (parsed) => withCertificate(parsed) && parsed.codes.length === 0),
  ],
  ask: [questions.number, questions.everWorked],
}

export const clientSecretMissing: Cause = {
  slug: 'client-secret-missing',
  title: 'The client secret is missing from the request',
  explanation:
    'The app is a confidential client (platform Web), but the token request carried no secret; or a program without a secret was not allowed to be a public client.',
  responsible: 'app_owner',
  effect: 'credential_rejected',
  fixes: [
    'For a server, enter the client secret in its settings.',
    {
      risk: 'For a desktop program or the device code flow: {appRegistration} > Authentication > "Allow public client flows" > Yes, and the redirect URI under "Mobile and desktop applications".',
      url: pages.authentication,
      otherPrograms: true,
    },
  ],
  docs: [docs.aadsts, docs.authCode],
  aadsts: { 'The client secret is missing': [7000218, 7000216, 90136, 7000219] },
  proof: saidBy('token_endpoint', [
    /\bthe request body must contain the following parameter: '(?:client_assertion' or 'client_secret|client_secret or client_assertion)/,
    /\bprovided client is not supported for this feature\. the client application must be marked as 'mobile\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names + 1, [
      /(?:must contain|must include|missing|required).{0,60}(?:client_assertion|client_secret)/,
      /client_secret'? (?:or 'client_assertion' )?(?:is|are) (?:required|missing)/,
    ]),
    by.text(WEIGHT.names, [
      /must be marked as 'mobile/,
      /public client flows/,
      /provided client is not supported for this feature/,
    ]),
    and(by.response(1.6, 'client refused'), ({ facts: { raw } }) => raw.client_auth === 'none'),
  ],
  ask: [questions.clientAuth],
}

export const clientSecretOnPublicClient: Cause = {
  slug: 'client-secret-on-public-client',
  title: 'A secret was sent for a public client',
  explanation:
    'The redirect URI is registered for a desktop or single-page app, which has no secret, but the token request carried one.',
  responsible: 'app_owner',
  effect: 'credential_rejected',
  advice: 'register the redirect URI under the platform "Web" in the app registration',
  fixes: [
    {
      text: '{appRegistration} > Authentication: register {redirectUri} under Web, if a server uses the secret.',
      url: pages.authentication,
    },
    { text: 'Or leave the client secret empty in the program.', otherPrograms: true },
  ],
  docs: [docs.redirectUri],
  aadsts: { 'The app is registered as a public client, which has no secret': [700025, 9002319] },
  proof: saidBy('token_endpoint', [
    /\bclient is public so neither 'client_assertion' nor 'client_secret' should be presented\b/,
  ]),
  indicators: [
    by.text(WEIGHT.overrides, /public clients? (?:can't|cannot|may not) send/),
    by.text(WEIGHT.names + 0.5, [
      /client is public/,
      /should be presented/,
      /public client.{0,40}secret/,
    ]),
    and(
      by.response(1, 'client refused'),
      ({ facts: { raw } }) => raw.client_auth === 'secret' && raw.redirect_platform !== 'web',
    ),
  ],
  ask: [questions.clientAuth],
}

export const clientAssertionInvalid: Cause = {
  slug: 'client-assertion-invalid',
  title: "The app's certificate or signed assertion was refused",
  explanation:
    'The app authenticates with a signed assertion, which Microsoft does not accept: the certificate is not registered or has expired, the audience or time is wrong, or a federated identity does not match.',
  responsible: 'app_owner',
  effect: 'credential_rejected',
  fixes: [
    {
      text: '{appRegistration} > Certificates & secrets > Certificates: upload the public certificate whose thumbprint the program uses, and check its dates.',
      url: pages.secrets,
    },
    "Check the machine's clock, and that aud is the tenant's token endpoint. For federated credentials, compare issuer, subject and audience.",
  ],
  docs: [
    docs.aadsts,
    'https://learn.microsoft.com/entra/identity-platform/certificate-credentials',
  ],
  aadsts: {
    "The app's certificate was refused": [
      700027,
      700030,
      ASSERTION_REFUSED,
      700028,
      700029,
      700031,
      700032,
      7000221,
    ],
    "The app's signed assertion was refused": [
      50013, 50027, 700021, 700026, 50006, 50017, 50048, 50098, 50120, 500061, 500131, 500132,
      500136, 500137, 5002726,
    ],
    "The app's signed assertion is outside its validity period; a clock may be wrong": [
      700024, 500133,
    ],
    "The key of the app's certificate is too short": [50032, 50035],
    "The tenant does not trust the issuer of the app's certificate": [
      7000210, 7000211, 7000212, 7000213,
    ],
    "The app's certificate has expired or is not yet valid": [1000502, 7000274],
    "The app's certificate was revoked": [7000214, 7000277],
  },
  proof: [
    saidBy('token_endpoint', [
      /\bclient assertion (?:is not within its valid time range|failed signature validation)\b/,
    ]),
    named('token_endpoint', ({ codes, oauth: errors }) =>
      codes.includes(NO_RESOURCE) && errors.has('invalid_client') ? `AADSTS${NO_RESOURCE}` : null,
    ),
  ],
  indicators: [
    and(by.code(5.5, ASSERTION_REFUSED), ({ text }) => !/secret/.test(text)),
    and(by.code(WEIGHT.names, ASSERTION_REFUSED), by.text(1, /certificate|assertion|signature/)),
    and(
      by.code(3, SECRET_WRONG_OR_MISSING, ASSERTION_REFUSED),
      by.text(1, /certificate|assertion/),
    ),
    by.text(WEIGHT.names, [
      /client assertion (?:is not|failed|contains|has|audience|application)/,
      /assertion (?:failed|is not within|is invalid|has expired)/,
      /no matching federated identity/,
      /certificate with (?:identifier|thumbprint)/,
    ]),
    by.text(WEIGHT.names, /thumbprint of the signing certificate|certificate used to sign/),
    and(by.code(WEIGHT.overrides, NO_RESOURCE), by.text(1, /assertion/)),
    and(by.code(WEIGHT.overrides, NO_RESOURCE), by.oauth(1, 'invalid_client')),
    and(by.response(3.6, 'client refused'), withCertificate),
  ],
  modifiers: [where(-4, ({ text }) => /invalid client secret|must (?:contain|include)/.test(text))],
  ask: [questions.clientAuth],
}
