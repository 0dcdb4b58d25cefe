/** Policies of the organisation that judge a sign-in. */
import { questions } from '../../questions.ts'
import { and, type Cause, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { pages } from '../fixes.ts'
import * as by from '../indicators.ts'
import { named, saidBy } from '../proof.ts'

/** Suberrors of a policy. With `message_only`, Microsoft would only show a message, so signing in again does not help. */
const POLICY_SUBERRORS = [
  'protection_policy_required',
  'device_authentication_failed',
  'message_only',
]

export const conditionalAccessBlock: Cause = {
  slug: 'conditional-access-block',
  title: 'Conditional Access blocks the sign-in',
  explanation:
    "The organisation's policy blocks this app, device, location or type of login. The credentials themselves were correct.",
  responsible: 'tenant_admin',
  effect: 'block',
  fixes: [
    {
      text: '{entra} > Monitoring & health > Sign-in logs, interactive or non-interactive, or Service principal sign-ins for app-only > (the attempt) > Conditional Access shows the policy and what it requires. The role Reports Reader is enough. Before you change anything, ask the person who signs in for {mailbox} whether the attempt was theirs.',
      url: pages.signInLogs,
    },
    {
      risk: "{entra} > Conditional Access > Policies > (policy). Choose the narrowest change: let the person meet the requirement at a new sign-in, else allow the server's location, else exclude this account. Do not exclude Exchange Online for everyone. This requires the role Conditional Access Administrator.",
      url: '{portal}/#view/Microsoft_AAD_ConditionalAccess/ConditionalAccessBlade/~/Policies',
    },
    {
      text: 'Logins with a password fall under "Other clients". OAuth avoids this.',
      otherPrograms: true,
    },
    {
      test: 'It worked when the sign-in logs show the next attempt as a success. Conditional Access > What If shows the result in advance.',
    },
    { undo: 'To undo it, remove the exclusion or the location.' },
  ],
  docs: [docs.conditionalAccess, docs.aadsts],
  aadsts: {
    "The organisation's device policy forbids this sign-in": [50005],
    'The organisation requires a known device': [
      50097, 50099, 50155, 700003, 135011, 501293, 501312, 1002023,
    ],
    'The organisation requires a registered device': [50129],
    "The organisation's Conditional Access forbids this sign-in": [
      50127, 50187, 501291, 50131, 53003, 53008, 530001, 530002, 530003, 530021, 530031, 501313,
    ],
    'Conditional Access requires a compliant device': [53000],
    'Conditional Access requires a domain-joined device': [53001],
    'Conditional Access requires an approved app': [53002],
    'Conditional Access requires app protection': [53005, 53009, 501271, 501292],
    'The account is blocked for risk until it has set up multi-factor authentication': [53004],
    "Conditional Access requires the device's location": [50077, 50081],
    'Conditional Access requires an external control that is not set up': [50172, 50176],
    'Conditional Access does not accept this browser': [501311, 530011, 530022, 530081],
    'The organisation does not accept devices of other organisations': [530004],
    'The account is blocked for risk': [53011, 53012],
    "The organisation's security policy forbids this sign-in": [530032, 530033, 530034],
  },
  sources: ['sign_in_page', 'token_endpoint', 'callback', 'mail_server'],
  proof: [
    saidBy('sign_in_page', [
      /\byour sign-in was successful but (?:your admin requires|does not meet the criteria to access this resource)/,
      /\baccess has been blocked by conditional access policies\b/,
    ]),
    named('token_endpoint', ({ suberror, observed }) =>
      observed && suberror !== null && POLICY_SUBERRORS.includes(suberror) ? suberror : null,
    ),
  ],
  indicators: [
    by.meaning(WEIGHT.names, 'access-criteria-unmet'),
    by.text(WEIGHT.names + 0.5, [/conditional access/, /does not meet the criteria to access/]),
    // Several kinds of policies produce this SMTP reply.
    by.text(WEIGHT.names - 0.8, [/did not meet the criteria/, /doesn't meet the criteria/]),
    by.text(WEIGHT.names - 0.5, [
      /you can(?:not|'t) (?:access this right now|get there from here)/,
      /device (?:must|is required to|needs to) be (?:managed|compliant|registered|joined|enrolled)/,
      /(?:compliant|managed|registered) device/,
      /approved app/,
      /app protection policy/,
      /your organi[sz]ation('s)? (?:policy|policies) (?:block|prevent|do)/,
    ]),
    where(
      WEIGHT.names + 0.5,
      ({ suberror }) => suberror !== null && POLICY_SUBERRORS.includes(suberror),
    ),
    by.response(1.2, 'smtp policy'),
    by.response(0.4, 'smtp refused', 'imap refused'),
    by.kind(1.5, 'no_return'),
    by.text(2, /\b5\.7\.57\b/),
  ],
  modifiers: [
    and(
      by.fact(0.8, 'workedBefore', true),
      by.response(1, 'smtp policy', 'smtp refused', 'imap refused'),
    ),
    and(by.fact(WEIGHT.excludes, 'personal', true), ({ suberror }) => suberror === null),
    and(by.fact(0.4, 'password', true), by.response(1, 'smtp refused', 'smtp policy')),
  ],
  ask: [questions.signInLog],
}
