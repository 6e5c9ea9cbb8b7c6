import { json } from '@remix-run/node'
import { useRouteError } from '@remix-run/react'
import { createRemixStub } from '@remix-run/testing'
import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { takeComplaints } from '~/testing/setup'
import { Problem } from './problem'

const failing = (thrown: () => unknown) => {
  const Stub = createRemixStub([
    {
      path: '/',
      Component: () => null,
      loader: () => {
        throw thrown()
      },
      ErrorBoundary: () => <Problem error={useRouteError()} />,
    },
  ])
  return render(<Stub />)
}

it.each([
  [403, 'This is not open to you'],
  [404, 'There is nothing here'],
  [503, 'Not available just now'],
])('tells a %d in plain words, and offers a way on', async (status, title) => {
  failing(() => json({ code: 'X', message: 'Not for people.' }, { status }))
  expect(await screen.findByRole('heading', { name: title })).toBeInTheDocument()
  expect(screen.getByRole('link', { name: 'Go to the start page' })).toHaveAttribute('href', '/')
})

it('lets any other refusal speak for itself', async () => {
  failing(() =>
    json({ code: 'LINK_NOT_AVAILABLE', message: 'This link is not for sale any more.' }, { status: 422 }),
  )
  expect(await screen.findByText('This link is not for sale any more.')).toBeInTheDocument()
})

it('says nothing of what broke inside', async () => {
  failing(() => new Error('password is hunter2'))
  expect(await screen.findByRole('heading', { name: /went wrong/ })).toBeInTheDocument()
  expect(document.body).not.toHaveTextContent('hunter2')
  takeComplaints()
})

it('says nothing of an answer without a message', async () => {
  failing(() => new Response('secret', { status: 418 }))
  expect(await screen.findByRole('heading', { name: /went wrong/ })).toBeInTheDocument()
})
