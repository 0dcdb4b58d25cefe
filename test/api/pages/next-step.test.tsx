import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { NextStep } from '../../../api/pages/next-step.tsx'

const shown = (error: string) =>
  String(<NextStep diagnosis={diagnose({ protocol: 'authorize', error })} />)

describe('what a page says of a diagnosis', () => {
  it('is what is wrong, who must act, and one step', () => {
    const page = shown('AADSTS53003: Access has been blocked by Conditional Access policies.')
    expect(page).toContain('What is wrong')
    expect(page).toContain('Conditional Access')
    expect(page).toContain('An administrator of your organisation')
    expect(page.match(/Next step/g)).toHaveLength(1)
  })

  it('is marked as the likeliest where the answer leaves it open', () => {
    const page = shown('access_denied')
    expect(page).toContain('Most likely')
    expect(page).not.toContain('What is wrong')
  })

  it('is nothing where nothing is known', () => {
    expect(shown('')).not.toContain('<dl>')
  })
})
