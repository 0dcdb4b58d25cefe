/** What the person who signed in can mend: by signing in again. */
import type { Group } from './meaning.ts'

export const personCodes: Group[] = [
  {
    effect: 'suspect',
    subject: 'user',
    // Field reports: the same refresh token worked minutes after this answer.
    advice: 'it is tried once more, and if that fails too, sign in again',
    causes: { 70000: 'Microsoft did not accept the stored sign-in' },
  },
  {
    effect: 'reconnect',
    subject: 'user',
    advice: 'sign in again',
    causes: {
      50055: 'The password of the account has expired',
      50058: 'Microsoft has no session of this account',
      50072: 'The account must set up multi-factor authentication',
      50074: 'Multi-factor authentication is needed',
      50076: 'Multi-factor authentication is needed',
      50078: 'The last multi-factor authentication is too old',
      50079: 'The account must set up multi-factor authentication',
      50089: 'The sign-in took too long',
      50126: 'The user name or password was wrong',
      50132: 'The session ended when the password was changed',
      50133: 'The session ended when the password was changed',
      50144: 'The password of the account has expired',
      50148: 'The sign-in belongs to another attempt',
      50158: 'A further security step is needed',
      50173: 'The sign-in was revoked, or the password was reset',
      54005: 'The sign-in was already used once',
      501481: 'The sign-in belongs to another attempt',
      65001: 'Nobody has consented to the mail permissions',
      65004: 'The consent was declined',
      70008: 'The stored sign-in has expired',
      70043: "The organisation's sign-in frequency has run out",
      700005: 'The sign-in belongs to another tenant',
      700020: 'Microsoft wants the person to be there',
      700082: 'The stored sign-in was not used for too long and has expired',
    },
  },
  {
    effect: 'reconnect',
    subject: 'user',
    advice: 'sign in with an account that may use this mailbox',
    causes: {
      16000: 'The account does not exist in this tenant',
      50020: 'The account belongs to another tenant or kind of account',
      50034: 'The account does not exist in this tenant',
      51004: 'The account does not exist in this tenant',
      90072: 'The account is a guest that cannot pass multi-factor authentication here',
      500201: 'The account belongs to another tenant or kind of account',
      500207: 'This kind of account cannot be used for mail access',
      500208: 'This kind of account cannot sign in here',
    },
  },
]
