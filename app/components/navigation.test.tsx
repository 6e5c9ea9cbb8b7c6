import { screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { renderAt } from '~/testing/render'
import { MemberNavigation, VisitorBar } from './navigation'

it('leads a visitor to the market, to signing in and to signing up', () => {
  renderAt(<VisitorBar />)
  const names = within(screen.getByRole('navigation')).getAllByRole('link')
  expect(names.map((link) => [link.textContent, link.getAttribute('href')])).toEqual([
    ['Marketplace', '/marketplace'],
    ['Sign in', '/auth/sign-in'],
    ['Sign up', '/auth/sign-up'],
  ])
})

it('leads admins, and nobody else, to what only they may do', () => {
  const viewer = { id: 'u2', email: 'root@offshoot.example', name: 'Root' }
  const { unmount } = renderAt(<MemberNavigation viewer={viewer} />)
  expect(screen.queryByRole('link', { name: 'Admin' })).toBeNull()
  unmount()
  renderAt(<MemberNavigation viewer={{ ...viewer, isAdmin: true }} />)
  for (const link of screen.getAllByRole('link', { name: 'Admin' }))
    expect(link).toHaveAttribute('href', '/admin')
})

it('marks the place one is at, and signs out by a form', () => {
  renderAt(
    <MemberNavigation viewer={{ id: 'u1', email: 'ada@buyer.example', name: 'Ada Lovelace' }} />,
    '/sales',
  )
  for (const link of screen.getAllByRole('link', { name: 'Sales' }))
    expect(link).toHaveAttribute('aria-current', 'page')
  expect(screen.getAllByText('ada@buyer.example')).not.toHaveLength(0)
  for (const button of screen.getAllByRole('button', { name: 'Sign out' })) {
    expect(button.closest('form')).toHaveAttribute('method', 'post')
    expect(button.closest('form')).toHaveAttribute('action', '/auth/sign-out')
  }
})
