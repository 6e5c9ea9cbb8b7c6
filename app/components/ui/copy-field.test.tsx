import { act, render, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { CopyField } from './copy-field'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const clipboard = (writeText: (text: string) => Promise<void>) =>
  vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue({ writeText } as Clipboard)

const press = () =>
  act(async () => {
    screen.getByRole('button').click()
  })

it('copies, says so for two seconds, and offers it again', async () => {
  const copied: string[] = []
  clipboard(async (text) => void copied.push(text))
  render(<CopyField label="Link" value="http://localhost:3000/buy/x" />)
  await press()
  expect(copied).toEqual(['http://localhost:3000/buy/x'])
  expect(screen.getByRole('button', { name: 'Copied!' })).toBeInTheDocument()
  act(() => void vi.advanceTimersByTime(1_999))
  expect(screen.getByRole('button', { name: 'Copied!' })).toBeInTheDocument()
  act(() => void vi.advanceTimersByTime(1))
  expect(screen.getByRole('button', { name: 'Copy Link' })).toBeInTheDocument()
})

it('says how to copy by hand when the browser does not let it', async () => {
  clipboard(() => Promise.reject(new Error('not allowed')))
  render(<CopyField label="Link" value="x" />)
  await press()
  expect(screen.getByRole('button')).toHaveTextContent('Press Ctrl+C')
})

it('is a text to select where no script runs', () => {
  const html = renderToString(<CopyField label="Link" value="http://localhost:3000/buy/x" />)
  expect(html).toContain('readonly="" value="http://localhost:3000/buy/x"')
  expect(html).not.toContain('<button')
})
