/** All causes, one line each. Their order decides between equals. */
import type { Cause } from './cause.ts'
import * as appOnly from './mail/app-only.ts'
import * as identity from './mail/identity.ts'
import * as mailbox from './mail/mailbox.ts'
import * as password from './mail/password.ts'
import * as sending from './mail/sending.ts'
import * as token from './mail/token.ts'
import * as tls from './network/tls.ts'
import * as way from './network/way.ts'
import * as app from './sign-in/app.ts'
import * as consent from './sign-in/consent.ts'
import * as person from './sign-in/person.ts'
import * as policy from './sign-in/policy.ts'
import * as redirect from './sign-in/redirect.ts'
import * as request from './sign-in/request.ts'
import * as tenant from './sign-in/tenant.ts'
import * as credential from './token/credential.ts'
import * as grant from './token/grant.ts'

const kinds: readonly Record<string, Cause>[] = [
  way,
  tls,
  password,
  token,
  appOnly,
  identity,
  mailbox,
  sending,
  redirect,
  app,
  tenant,
  consent,
  person,
  policy,
  request,
  credential,
  grant,
]

/** Every exported cause of these files: a new one is part of it by being exported. */
export const catalogue: readonly Cause[] = kinds.flatMap((causes) => Object.values(causes))
