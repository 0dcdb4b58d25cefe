/** Redirect URIs, and the platform they are registered for. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { type Cause, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { onlyFor, pages, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { PKCE_MISSING } from '../numbers.ts'
import { saidBy } from '../proof.ts'

/** Detects the URI of a website, which the text quotes. */
const sentHttps = ({ text }: ParsedReport) =>
  /\b(?:redirect uri|reply (?:url|address)) '?https:\/\/(?!localhost)/.test(text)

export const redirectUriMismatch: Cause = {
  slug: 'redirect-uri-mismatch',
  title: 'The redirect URI is not registered',
  explanation:
    'The redirect URI in the request is not registered for the app[[: it must list {redirectUri}, character for character]]. Common differences are http instead of https behind a proxy, a trailing slash, or another host name or port.',
  responsible: 'app_owner',
  effect: 'block',
  fixes: [
    {
      text: '{appRegistration} > Authentication > Add a platform > Web > Redirect URI: enter exactly {redirectUri}.',
      url: pages.authentication,
    },
    unless(sentHttps, [
      'A desktop program needs the platform "Mobile and desktop applications" instead. If the URI that is sent begins with http although the site has https, correct the public address in the program\'s settings, or its proxy\'s headers.',
    ]),
  ],
  docs: [docs.redirectUri, 'https://aka.ms/redirectUriMismatchError'],
  aadsts: {
    'The redirect URI is not registered': [
      700009, 50011, 500111, 500113, 500115, 500117, 700046, 900971, 500114, 500118, 700042, 700043,
      700045,
    ],
    'The redirect URI differs from the one used at the sign-in': [500112, 700044],
    'The redirect URI is not valid': [70004, 500116, 500119],
  },
  proof: saidBy('sign_in_page', [
    /\bthe (?:redirect uri|reply (?:url|address)) .{1,300}specified in the request does not match the (?:redirect uris|reply (?:urls|addresses)) configured for the application\b/,
    // The page for personal accounts.
    /\binput parameter 'redirect_uri' is not valid\. the expected value is a uri which matches a redirect uri registered for this client application\b/,
  ]),
  indicators: [
    by.meaning(WEIGHT.names, 'redirect-mismatch'),
    by.text(WEIGHT.names, [
      /(?:redirect|reply|return)[ _]?(?:uri|url|address).{0,120}(?:not match|mismatch|not the same|differs?\b|not (?:registered|valid|configured|allowed|found)|isn't|invalid|missing|must (?:be|match|have))/,
      /(?:no|missing|invalid)(?: parameter:?)? '?(?:reply|redirect)[ _]?(?:uri|url|address)/,
      /redirect_uri_mismatch/,
      /redirecturimismatch/,
    ]),
    by.text(WEIGHT.suggests, [/redirect_uri' is not valid/, /matches a redirect uri registered/]),
    by.kind(1.6, 'no_return'),
  ],
  ask: [questions.pageText, questions.registeredUris],
}

const NO_PKCE = /\bproof key for code exchange is required\b/

export const wrongRedirectPlatform: Cause = {
  slug: 'wrong-redirect-platform',
  title: 'The redirect URI is registered for another kind of app',
  explanation:
    'The URI is listed under the wrong platform: as a single-page application although a server redeems the code, or the other way round. Refresh tokens of single-page apps expire after a day.',
  variants: [
    {
      onlyFor: by.text(1, NO_PKCE),
      explanation:
        'The redirect URI is registered as a single-page application, and the request sent no code_verifier. Either a server redeems the code, which makes the platform wrong, or a browser app does not send PKCE.',
    },
  ],
  responsible: 'app_owner',
  effect: 'block',
  advice:
    'register the redirect URI under the platform "Web" in the app registration, then sign in again',
  fixes: [
    onlyFor(by.text(1, NO_PKCE), [
      'A browser app must send PKCE (code_challenge and code_verifier; MSAL.js 2 and newer does). If a server redeems the code, take the next steps.',
    ]),
    {
      text: '{appRegistration} > Authentication: remove {redirectUri} from "Single-page application" and add it under Web (a server with a secret) or "Mobile and desktop applications" (no secret).',
      url: pages.authentication,
    },
    {
      text: "A server must not forward a browser's Origin header to the token endpoint.",
      otherPrograms: true,
    },
    'Sign in again: the old refresh token stays short-lived.',
  ],
  docs: [docs.redirectUri, docs.aadsts],
  aadsts: {
    'The redirect URI is registered for a single-page app': [PKCE_MISSING, 9002326, 9002327],
    'The sign-in was made for a single-page app and lasts only a day': [700084],
  },
  proof: saidBy('token_endpoint', [
    /\btokens issued for the 'single-page application' client-type may only be redeemed via cross-origin requests\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /single-?page app/,
      /cross-origin (?:token|code|request)/,
      /'?spa'? client-?type/,
      /client-?type may only be redeemed/,
    ]),
    by.text(WEIGHT.suggests, NO_PKCE),
  ],
  modifiers: [where(1, ({ facts: { raw } }) => raw.redirect_platform === 'spa')],
  ask: [questions.redeemer],
}
