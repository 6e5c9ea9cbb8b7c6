import { render, screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { type Column, DataTable } from './data-table'

interface Sale {
  readonly id: string
  readonly workspace: string
  readonly share: string
}
const COLUMNS: readonly Column<Sale>[] = [
  { header: 'Workspace', rowHeader: true, cell: ({ workspace }) => workspace },
  { header: 'Share', numeric: true, cell: ({ share }) => share },
]
const table = (rows: readonly Sale[]) => (
  <DataTable
    caption="Sales"
    columns={COLUMNS}
    rows={rows}
    rowKey={({ id }) => id}
    empty={<p>No sales yet</p>}
  />
)

it('is a table with a name, headed columns and headed rows', () => {
  render(table([{ id: '1', workspace: 'Templates', share: '23.00 USD' }]))
  const shown = screen.getByRole('table', { name: 'Sales' })
  expect(
    within(shown)
      .getAllByRole('columnheader')
      .map((cell) => cell.textContent),
  ).toEqual(['Workspace', 'Share'])
  expect(within(shown).getByRole('rowheader')).toHaveTextContent('Templates')
  const cell = within(shown).getByRole('cell')
  expect(cell).toHaveTextContent('23.00 USD')
  expect(cell).toHaveAttribute('data-label', 'Share')
  expect(cell).toHaveClass('numeric')
})

it('says what to do while there is nothing', () => {
  render(table([]))
  expect(screen.queryByRole('table')).toBeNull()
  expect(screen.getByText('No sales yet')).toBeInTheDocument()
})
