import { describe, expect, it } from 'vitest'
import { readCursor, writeCursor } from '../../schema/cursor.ts'

describe('a cursor', () => {
  it('names the place that it was made of', () => {
    const place = { at: 1_764_000_000_000, id: 'ma_mwiq4wgd7u5x2l3k7777777777' }
    expect(readCursor(writeCursor(place))).toEqual(place)
  })

  it('is nothing where it was not made here', () => {
    for (const text of ['', 'x', '%', btoa('1'), btoa('1.'), btoa('.ma_a'), btoa('-1.ma_a')]) {
      expect(readCursor(text), text).toBeNull()
    }
    expect(readCursor(btoa(`1.ma_a' OR 1`))).toBeNull()
  })
})
