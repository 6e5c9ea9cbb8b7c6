import { expect, it } from 'vitest'
import { textFields } from './forms'

it('reads only the fields that are asked for, as text', () => {
  const form = new FormData()
  form.set('email', 'ada@buyer.example')
  form.set('role', 'ADMIN')
  form.set('picture', new File(['x'], 'x.png'))
  expect(textFields(form, ['email', 'picture', 'name'])).toEqual({
    email: 'ada@buyer.example',
    picture: '',
    name: '',
  })
})
