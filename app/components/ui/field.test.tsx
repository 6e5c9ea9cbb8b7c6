import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { InputField, SelectField, TextareaField } from './field'

it('names its control, and tells it of hint and error', () => {
  render(
    <InputField
      name="price"
      label="Price"
      hint="In US dollars."
      error="At least 0.50."
      defaultValue="0.10"
    />,
  )
  const input = screen.getByRole('textbox', { name: 'Price' })
  expect(input).toHaveAccessibleDescription('In US dollars. At least 0.50.')
  expect(input).toBeInvalid()
  expect(input).toBeRequired()
  expect(input).toHaveValue('0.10')
})

it('is quiet while nothing is wrong', () => {
  render(<InputField name="company" label="Company" optional />)
  const input = screen.getByLabelText(/Company/)
  expect(input).not.toHaveAttribute('aria-describedby')
  expect(input).not.toHaveAttribute('aria-invalid')
  expect(input).not.toBeRequired()
})

it('does the same for longer texts and choices, also twice on a page', () => {
  render(
    <>
      <TextareaField name="note" id="first-note" label="Note" error="Too long." />
      <SelectField name="currency" label="Currency" hint="Of the price." defaultValue="EUR">
        <option>USD</option>
        <option>EUR</option>
      </SelectField>
    </>,
  )
  expect(screen.getByRole('textbox', { name: 'Note' })).toHaveAttribute('id', 'first-note')
  expect(screen.getByRole('textbox', { name: 'Note' })).toHaveAccessibleDescription('Too long.')
  expect(screen.getByRole('combobox', { name: 'Currency' })).toHaveValue('EUR')
})
