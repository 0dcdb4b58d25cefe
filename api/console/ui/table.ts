/** Tables that become lists of cards on a phone: each cell carries the name of its column. */
import { type Children, h } from '../dom.ts'

export type Column<Row> = { name: string; cell: (row: Row) => Children; actions?: boolean }

/** The first column names the row. `caption` is for screen readers. */
export const table = <Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
) =>
  h(
    'table',
    { class: 'table', 'aria-label': caption },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        columns.map(({ name, actions }) =>
          h('th', { scope: 'col', class: actions ? 'actions' : null }, name),
        ),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map((row) =>
        h(
          'tr',
          {},
          columns.map(({ name, cell, actions }, index) =>
            index === 0
              ? h('th', { scope: 'row' }, cell(row))
              : h(
                  'td',
                  { 'data-label': actions ? null : name, class: actions ? 'actions' : null },
                  cell(row),
                ),
          ),
        ),
      ),
    ),
  )

/** The top of a page: what it is, what it is for, and what can be done. */
export const head = (title: string, lead?: Children, ...actions: Children[]) =>
  h(
    'div',
    { class: 'head' },
    h('div', {}, h('h1', {}, title), lead !== undefined && h('p', {}, lead)),
    actions.length > 0 && h('div', { class: 'row' }, ...actions),
  )
