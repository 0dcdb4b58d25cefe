import { describe, expect, it } from 'vitest'
import { readCursor, writeCursor } from '../../schema/cursor.ts'

describe('a cursor', () => {
  it('decodes to the position that it was created from', () => {
    const position = { at: 1_764_000_000_000, id: 'ma_mwiq4wgd7u5x2l3k7777777777' }
    expect(readCursor(writeCursor(position))).toEqual(position)
  })

  it('is rejected unless the API created it', () => {
    for (const text of ['', 'x', '%', btoa('1'), btoa('1.'), btoa('.ma_a'), btoa('-1.ma_a')]) {
      expect(readCursor(text), text).toBeNull()
    }
    expect(readCursor(btoa(`1.ma_a' OR 1`))).toBeNull()
  })
})
