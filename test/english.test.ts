import { describe, expect, it } from 'vitest'
import {
  docComments,
  findForbiddenWords,
  measureEnglish,
  opensWeakly,
  opensWithVerb,
} from './english.ts'
import { parseSource } from './source-files.ts'

const comments = (text: string) => docComments(parseSource('api/x.ts', text))
const comment = (text: string) => ({ path: 'api/x.ts', line: 1, text })

describe('a forbidden word', () => {
  it.each([
    'a person is told why',
    'const toldAt = 1',
    'const TOLD = 1',
    '/**\n * ends by\n * itself\n */',
    '# for ever',
  ])('is found in %j', (text) => {
    expect(findForbiddenWords('api/x.ts', text)).toHaveLength(1)
  })

  it('is not found inside another word', () => {
    expect(findForbiddenWords('api/x.ts', 'a stolder janewy; by itselfish')).toEqual([])
  })
})

describe('a doc comment', () => {
  it('is found with its line, and not in strings, templates, regular expressions or JSX', () => {
    const text =
      "const a = '/** a */'\nconst b = `/** b */`\nconst c = /\\/** c *\\//\n/** Real. */\n"
    expect(comments(text)).toEqual([{ path: 'api/x.ts', line: 4, text: 'Real.' }])
    expect(docComments(parseSource('api/x.tsx', 'const a = <p>/** a */</p>'))).toEqual([])
  })

  it('opens weakly with a question word or preposition', () => {
    expect(['Whether it ends.', 'Of a person.', 'By itself.'].map(comment).every(opensWeakly)).toBe(
      true,
    )
    expect(['Returns it.', 'Token of a person.'].map(comment).some(opensWeakly)).toBe(false)
  })

  it('opens with a verb in the third person, not with a plural noun', () => {
    expect(['Returns it.', 'Throws, if so.'].map(comment).every(opensWithVerb)).toBe(true)
    expect(['Tokens of it.', 'This is it.', 'A token.'].map(comment).some(opensWithVerb)).toBe(
      false,
    )
  })
})

describe('the English of the repository, apart from the console', () => {
  const { comments, weak, verbs, words } = measureEnglish()

  it('has doc comments of which at least 30 % open with a verb and at most 5 % weakly', () => {
    expect(weak.length / comments.length).toBeLessThanOrEqual(0.05)
    expect(verbs.length / comments.length).toBeGreaterThanOrEqual(0.3)
  })

  it('uses none of the forbidden words, but for texts of the console', () => {
    const used = words.filter(({ found }) => !/getByText/.test(found))
    expect(used).toEqual([])
  })
})
