import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { FormErrors } from './form-errors'

const failure = {
  formError: 'Some of this is not valid.',
  fieldErrors: { email: 'Enter an e-mail address.', 'offer.price': 'At least 0.50 USD.' },
}

it('takes the focus when something is wrong, and leads to each field', () => {
  const labels = { email: 'E-mail' }
  const { rerender } = render(<FormErrors failure={undefined} labels={labels} />)
  expect(screen.queryByRole('alert')).toBeNull()
  rerender(<FormErrors failure={failure} labels={labels} />)
  expect(screen.getByRole('alert')).toHaveTextContent('Some of this is not valid.')
  expect(screen.getByRole('alert').parentElement).toHaveFocus()
  expect(screen.getByRole('link', { name: 'E-mail' })).toHaveAttribute('href', '#email')
  expect(screen.getByText(/offer\.price: At least/)).toBeInTheDocument()
})

it('speaks of the fields in the order of the form, whatever the order they were checked in', () => {
  const fieldErrors = { other: 'c', name: 'b', email: 'a' }
  render(<FormErrors failure={{ ...failure, fieldErrors }} labels={{ email: 'E-mail', name: 'Name' }} />)
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'E-mail: a',
    'Name: b',
    'other: c',
  ])
})
