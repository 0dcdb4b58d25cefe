/** Numbers of Entra that no cause lists. */
import { questions } from '../../questions.ts'
import { type Cause, POINTS, where } from '../cause.ts'
import { docs } from '../docs.ts'

export const unknownNumber: Cause = {
  slug: 'unknown-aadsts-number',
  title: 'Microsoft refused with a number that is not known here[[: AADSTS{aadsts}]]',
  explanation:
    "[[Microsoft's {microsoftPart} answered with AADSTS{aadsts}. ]]This catalogue does not list the number, so only the sentence beside it, or Microsoft's own page about it, says what is wrong.",
  responsible: 'operator',
  fixes: [
    {
      text: "Read Microsoft's page about this number, and the sentence that stands beside it in the message.",
      url: '{login}/error?code={aadsts}',
    },
    {
      text: 'An administrator finds the attempt under {entra} > Monitoring & health > Sign-in logs[[ by the correlation ID {correlationId}]][[ at {errorTime}]]; its details name the reason, and a policy if one is at fault.',
      url: '{portal}/#view/Microsoft_AAD_IAM/SignInEventsV3Blade',
    },
    'Meanwhile, the OAuth error next to the number tells you who must act. invalid_client: the app owner renews the secret or certificate. unauthorized_client: the app owner corrects the registration. invalid_scope: the program must ask for other scopes. invalid_grant or interaction_required: the user signs in again. temporarily_unavailable: retry later.',
  ],
  docs: [docs.aadsts],
  // rank.ts drops this cause if any of the numbers is known.
  signs: [
    where(POINTS + 0.5, ({ codes, observed }) => codes.length > 0 && !observed),
    // What the product stores of an answer is judged by its OAuth error first.
    where(1, ({ codes }) => codes.length > 0),
  ],
  ask: [questions.fullText],
}
