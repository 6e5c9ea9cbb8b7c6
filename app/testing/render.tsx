import { createRemixStub } from '@remix-run/testing'
import { type RenderResult, render } from '@testing-library/react'
import type { ReactElement } from 'react'

/** Renders what links or reads the address, as a page at `at`. */
export const renderAt = (element: ReactElement, at = '/'): RenderResult => {
  const Stub = createRemixStub([{ path: '*', Component: () => element }])
  return render(<Stub initialEntries={[at]} />)
}
