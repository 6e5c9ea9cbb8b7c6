import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { renderAt } from '~/testing/render'
import { PageHeader } from './page-header'
import { Pagination } from './pagination'

it('heads a page with its title, the way up and what to do', () => {
  renderAt(
    <PageHeader
      title="Links"
      description="They sell."
      breadcrumb={[{ label: 'Workspaces', to: '/workspaces' }]}
      actions={<button type="button">Make</button>}
    />,
  )
  expect(screen.getByRole('heading', { level: 1, name: 'Links' })).toBeInTheDocument()
  expect(screen.getByRole('link', { name: 'Workspaces' })).toHaveAttribute('href', '/workspaces')
  expect(screen.getByRole('button', { name: 'Make' })).toBeInTheDocument()
})

it('goes on through a list and back to its start, and keeps what else was chosen', () => {
  renderAt(<Pagination nextCursor="n2" />, '/sales?status=paid&cursor=n1')
  expect(screen.getByRole('link', { name: 'Older' })).toHaveAttribute('href', '/sales?status=paid&cursor=n2')
  expect(screen.getByRole('link', { name: 'Back to the newest' })).toHaveAttribute(
    'href',
    '/sales?status=paid',
  )
})

it('is not there for a list that fits', () => {
  renderAt(<Pagination nextCursor={null} />, '/sales')
  expect(screen.queryByRole('navigation')).toBeNull()
})
