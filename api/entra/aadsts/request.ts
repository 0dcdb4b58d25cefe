/** The request itself: it came at a bad time, or was not understood. */
import type { Group } from './meaning.ts'

export const requestCodes: Group[] = [
  {
    effect: 'cool_down',
    subject: 'request',
    advice: 'it is tried again by itself',
    causes: {
      50000: 'Microsoft could not issue a token',
      50033: 'Microsoft has a passing fault',
      50196: 'Microsoft saw too many equal requests and asks for a pause',
      70012: 'Microsoft has a fault with personal accounts',
      90006: 'Microsoft has a passing fault',
      90012: 'Microsoft took too long',
      90024: 'Microsoft has a passing fault',
      90033: "Microsoft's directory is not available",
      90036: "Microsoft's directory has a fault",
      90055: "Microsoft limits this tenant's requests",
      90090: 'Microsoft took too long',
    },
  },
  {
    effect: 'block',
    subject: 'request',
    advice: 'this needs a correction in the product or its settings',
    causes: {
      28000: 'Permissions of more than one resource were asked for at once',
      28002: 'Microsoft does not know a permission that was asked for',
      28003: 'No permission was asked for',
      650053: 'Microsoft does not know a permission that was asked for',
      70003: 'Microsoft does not offer this kind of request',
      70005: 'Microsoft does not allow this kind of answer for the app',
      70007: 'Microsoft does not allow this kind of answer for the app',
      70011: 'Microsoft does not know a permission that was asked for',
      90013: 'The request was malformed',
      90014: 'The request was incomplete',
      90015: 'The request was too long',
      90023: 'The request was malformed',
      700022: 'Permissions of more than one resource were asked for at once',
      700023: 'No resource was asked for',
      700054: 'Microsoft does not allow this kind of answer for the app',
      900144: 'The request was incomplete',
      9002313: 'The request was malformed',
    },
  },
]
