import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { renderAt } from '~/testing/render'
import { Alert } from './alert'
import { Badge } from './badge'
import { Card } from './card'
import { Confirm } from './confirm'
import { DescriptionList } from './description-list'
import { EmptyState } from './empty-state'
import { Money } from './money'

import { Stat, StatGroup } from './stat'
import { Steps } from './steps'

it('shows an amount with its currency, and the direction of a movement', () => {
  render(
    <>
      <Money value={{ amount: 11500, currency: 'USD' }} />
      <Money value={{ amount: 2300, currency: 'USD' }} signed />
      <Money value={{ amount: -2300, currency: 'USD' }} signed />
    </>,
  )
  expect(screen.getByText('115.00 USD')).not.toHaveClass('money-in')
  expect(screen.getByText('+23.00 USD')).toHaveClass('money-in')
  expect(screen.getByText('\u221223.00 USD')).not.toHaveClass('money-in')
})

it('names a section by its title', () => {
  render(
    <Card title="Balance" description="Per currency" actions={<button type="button">Pay out</button>}>
      <Badge tone="good">Paid</Badge>
    </Card>,
  )
  const card = screen.getByRole('region', { name: 'Balance' })
  expect(within(card).getByText('Paid')).toHaveClass('tone-good')
  expect(within(card).getByRole('button', { name: 'Pay out' })).toBeInTheDocument()
})

it('interrupts only for what went wrong', () => {
  render(
    <>
      <Alert title="Saved." tone="good" />
      <Alert title="Not saved." tone="danger">
        Try again.
      </Alert>
    </>,
  )
  expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual(['Not saved.Try again.'])
})

it('pairs terms with what is known of them', () => {
  render(
    <>
      <DescriptionList items={[{ term: 'Status', value: 'Active' }]} />
      <StatGroup>
        <Stat label="Available" value="0.00 USD" note="Nothing yet" />
      </StatGroup>
    </>,
  )
  expect(screen.getAllByRole('term').map((term) => term.textContent)).toEqual(['Status', 'Available'])
  expect(screen.getByText('Nothing yet')).toBeInTheDocument()
})

it('offers the next step where there is nothing yet', () => {
  render(
    <EmptyState title="No links yet" action={<button type="button">Make one</button>}>
      A link sells copies.
    </EmptyState>,
  )
  expect(screen.getByRole('button', { name: 'Make one' })).toBeInTheDocument()
})

it('leads to what is still to do, and says what is done', () => {
  renderAt(
    <Steps
      steps={[
        { title: 'Make a workspace', text: 'Made.', done: true, to: '/workspaces' },
        { title: 'Make a link', text: 'It names the price.', done: false, to: '/links' },
        { title: 'Wait', text: 'For a buyer.', done: false },
      ]}
    />,
  )
  expect(screen.getAllByRole('link').map((link) => link.textContent)).toEqual(['Make a link'])
  expect(screen.getByText('(done)')).toBeInTheDocument()
})

it('asks before it offers what cannot be undone', async () => {
  render(
    <Confirm label="Revoke" question="Nobody can buy through it any more.">
      <button type="submit">Revoke the link</button>
    </Confirm>,
  )
  const box = screen.getByRole('group')
  expect(box).not.toHaveAttribute('open')
  await userEvent.click(screen.getByText('Revoke'))
  expect(box).toHaveAttribute('open')
})
