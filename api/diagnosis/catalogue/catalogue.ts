/** All causes: every export of these files. Add a new file here; a new cause only has to be exported. */
import type { Cause } from './cause.ts'
import * as appOnly from './mail/app-only.ts'
import * as identity from './mail/identity.ts'
import * as limits from './mail/limits.ts'
import * as mailbox from './mail/mailbox.ts'
import * as password from './mail/password.ts'
import * as sending from './mail/sending.ts'
import * as tokenPermission from './mail/token-permission.ts'
import * as tokenState from './mail/token-state.ts'
import * as reachability from './network/reachability.ts'
import * as service from './network/service.ts'
import * as tls from './network/tls.ts'
import * as account from './sign-in/account.ts'
import * as app from './sign-in/app.ts'
import * as consent from './sign-in/consent.ts'
import * as idToken from './sign-in/id-token.ts'
import * as person from './sign-in/person.ts'
import * as policy from './sign-in/policy.ts'
import * as redirect from './sign-in/redirect.ts'
import * as request from './sign-in/request.ts'
import * as tenant from './sign-in/tenant.ts'
import * as credential from './token/credential.ts'
import * as grant from './token/grant.ts'

const network = [reachability, tls, service]
const mail = [password, tokenPermission, tokenState, appOnly, identity, mailbox, sending, limits]
const signIn = [redirect, app, tenant, account, consent, person, policy, request, idToken]
const token = [credential, grant]

const kinds: readonly Record<string, Cause>[] = [...network, ...mail, ...signIn, ...token]

export const catalogue: readonly Cause[] = kinds.flatMap((causes) => Object.values(causes))
