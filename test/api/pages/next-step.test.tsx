import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { NextStep } from '../../../api/pages/next-step.tsx'
import { en } from '../../../api/pages/texts/en.ts'

const LINK = 'https://login.test/adminconsent?client_id=1'

const shown = (error: string, ...adminLinks: string[]) =>
  String(
    <NextStep
      texts={en}
      diagnosis={diagnose({ protocol: 'authorize', error })}
      adminLinks={adminLinks}
    />,
  )

describe('the next step of a diagnosis', () => {
  it('shows one step, who must act, and the cause on request', () => {
    const page = shown('AADSTS53003: Access has been blocked by Conditional Access policies.')
    expect(page.match(/Next step/g)).toHaveLength(1)
    expect(page).toContain('Your Microsoft 365 admin must do this.')
    expect(page).toMatch(/<details>.*What is wrong.*Conditional Access.*<\/details>/)
  })

  it('is marked as the most likely when the cause is uncertain', () => {
    const page = shown('access_denied')
    expect(page).toContain('What is most likely wrong')
  })

  it('is to send the link when only an admin can help', () => {
    const page = shown('AADSTS90094: The grant requires admin permission.', LINK)
    expect(page).toContain('Send this link to your Microsoft 365 admin.')
    expect(page).toContain(`>${LINK}</textarea>`)
    expect(page).not.toContain('Open login.test')
    expect(page).toContain('href="/docs/guides/approval"')
  })

  it('shows every link, since an administrator consents to one API with each', () => {
    const other = 'https://login.test/adminconsent?client_id=2'
    const page = shown('AADSTS90094: The grant requires admin permission.', LINK, other)
    for (const link of [LINK, other]) expect(page).toContain(`>${link}</textarea>`)
  })

  it('offers the link as an alternative when the user may be able to act', () => {
    const page = shown('AADSTS65004: User declined to consent.', LINK)
    expect(page).toContain('If Microsoft asked for admin approval')
    // Below the link it would read as if the person could open it.
    expect(page).not.toContain('You can do this')
    expect(page).toContain(`>${LINK}</textarea>`)
  })

  it('opens the place of the fix in another window', () => {
    const page = shown('AADSTS53003: Access has been blocked by Conditional Access policies.')
    expect(page).toMatch(/<a href="https:[^"]*" target="_blank" rel="noreferrer">Open entra\./)
  })

  it('is empty without a diagnosis, and only the link if there is one', () => {
    expect(shown('')).toBe('')
    expect(shown('', LINK)).toContain(LINK)
    expect(String(<NextStep texts={en} diagnosis={null} adminLinks={[]} />)).toBe('')
  })
})
