/** The expiry of a client secret, which must be chosen: a usual lifetime, a date, or "I don't know". Pure. */
const DAY_MS = 24 * 60 * 60 * 1000

/** Lifetimes in days, as Entra's portal offers them: "730 days (24 months)", "180 days (6 months)". */
export type Lifetime = '730' | '180'
/** Empty: nothing was chosen yet. */
export type Expiry = '' | Lifetime | 'date' | 'unknown'

export type ExpiryDraft = {
  expiry: Expiry
  /** The day of the choice `date`, as a date field gives it. */
  end: string
}

/** Noon in UTC is on the same day in nearly every time zone. */
const noonOf = (date: string) => `${date}T12:00:00.000Z`

/** Returns the day on which a secret that is created today expires. */
export const dayAfter = (lifetime: Lifetime, now: Date): string =>
  new Date(now.getTime() + Number(lifetime) * DAY_MS).toISOString().slice(0, 10)

/** Returns the chosen time, or null if none is known. */
export function expiryTime({ expiry, end }: ExpiryDraft, now: Date): string | null {
  if (expiry === 'date') return end === '' ? null : noonOf(end)
  return expiry === '730' || expiry === '180' ? noonOf(dayAfter(expiry, now)) : null
}

/** Returns what is missing, or null. */
export function expiryError({ expiry, end }: ExpiryDraft): string | null {
  if (expiry === '') return 'Choose one. If you cannot look it up, choose "I don\'t know".'
  return expiry === 'date' && end === '' ? 'Enter the date.' : null
}
