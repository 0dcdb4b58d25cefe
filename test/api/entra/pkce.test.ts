import { describe, expect, it } from 'vitest'
import { challengeS256, createVerifier } from '../../../api/entra/authorize.ts'

describe('PKCE', () => {
  it('computes the challenge of RFC 7636, appendix B', async () => {
    const challenge = await challengeS256('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
    expect(challenge).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
  })

  it('computes the verifier of RFC 7636, appendix B from its octets', () => {
    const octets = [
      116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77,
      105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ]
    const verifier = createVerifier((length) => Uint8Array.from(octets.slice(0, length)))
    expect(verifier).toBe('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
  })
})
