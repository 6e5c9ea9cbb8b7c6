import type { ReactNode } from 'react'
import { classes } from './classes'

export interface Column<Row> {
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** Figures stand under each other, at the end. */
  readonly numeric?: boolean
  /** Names the row; the heading of its card on a phone. */
  readonly rowHeader?: boolean
}

interface DataTableProps<Row> {
  /** What the table holds, for who cannot see where it stands. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** What to do when there is nothing yet: an EmptyState. */
  readonly empty: ReactNode
}

/** A table that becomes a list of labelled cards where it would not fit. */
export const DataTable = <Row,>({ caption, columns, rows, rowKey, empty }: DataTableProps<Row>) => {
  if (rows.length === 0) return <>{empty}</>
  return (
    <div className="table-box">
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ header, numeric }) => (
              <th key={header} scope="col" className={classes(numeric && 'numeric')}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <Cell key={column.header} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Cell = <Row,>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) => {
  const content = <div className="cell">{column.cell(row)}</div>
  return column.rowHeader ? (
    <th scope="row">{content}</th>
  ) : (
    <td data-label={column.header} className={classes(column.numeric && 'numeric')}>
      {content}
    </td>
  )
}
