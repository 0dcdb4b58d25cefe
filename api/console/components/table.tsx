/** Tables that become a list of cards on a phone: each cell carries the name of its column. */
import type { ComponentChildren } from 'preact'

export type Column<Row> = {
  name: string
  cell: (row: Row) => ComponentChildren
  actions?: boolean
}

type TableProps<Row> = {
  /** Name of the table, for screen readers. */
  caption: string
  class?: string
  /** The first one is the header of its row. */
  columns: readonly Column<Row>[]
  rows: readonly Row[]
}

export function Table<Row extends { id: string }>(props: TableProps<Row>) {
  const { caption, columns, rows } = props
  const [name, ...others] = columns
  return (
    <table class={`table ${props.class ?? ''}`} aria-label={caption}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.name} scope="col" class={column.actions ? 'actions' : undefined}>
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <th scope="row">{name?.cell(row)}</th>
            {others.map((column) => (
              <td
                key={column.name}
                data-label={column.actions ? undefined : column.name}
                class={column.actions ? 'actions' : undefined}
              >
                <div>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
