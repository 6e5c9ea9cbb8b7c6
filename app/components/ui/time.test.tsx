import { render, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { Time } from './time'

const MOMENT = '2026-11-21T23:30:00.000Z'

it("is written in UTC by the server and in the viewer's zone by the browser", () => {
  const options = new Intl.DateTimeFormat('en').resolvedOptions()
  vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions').mockReturnValue({
    ...options,
    timeZone: 'Asia/Dubai',
  })
  expect(renderToString(<Time value={MOMENT} withTime />)).toContain('21 Nov 2026, 23:30 UTC')
  render(<Time value={MOMENT} />)
  const shown = screen.getByText('22 Nov 2026')
  expect(shown).toHaveAttribute('datetime', MOMENT)
})
