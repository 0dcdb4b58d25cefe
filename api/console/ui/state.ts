/** The states of the API in plain words, each with its colour. */
import type { Responsible } from '../../../schema/diagnosis.ts'
import type { Health } from '../../../schema/mail-account.ts'
import type { Outcome } from '../../../schema/probe.ts'
import type { Tone } from './tone.ts'

export const healths: Record<Health, [Tone, string]> = {
  ok: ['good', 'Works'],
  unverified: ['ask', 'Not validated'],
  failing: ['bad', 'Login fails'],
  cooling_down: ['ask', 'Waiting for Microsoft'],
  reconnect_required: ['bad', 'Needs reconnecting'],
  blocked: ['bad', 'Blocked'],
  inactive: ['plain', 'Integration inactive'],
}

export const outcomes: Record<Outcome, [Tone, string]> = {
  passed: ['good', 'Passed'],
  failed: ['bad', 'Failed'],
  inconclusive: ['ask', 'Inconclusive'],
}

export const whoActs: Record<Responsible, string> = {
  user: 'the person who signs in',
  tenant_admin: 'a Microsoft 365 administrator of the organisation',
  app_owner: 'the owner of the app registration',
  operator: 'the operator of the mail program or server',
  microsoft: 'Microsoft',
}
