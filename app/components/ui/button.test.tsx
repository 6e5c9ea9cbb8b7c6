import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { renderAt } from '~/testing/render'
import { Button, ButtonLink } from './button'

describe('a button', () => {
  it('sends its form unless it is told otherwise', () => {
    renderAt(<Button>Save</Button>)
    expect(screen.getByRole('button', { name: 'Save' })).toHaveAttribute('type', 'submit')
  })

  it('that cannot be used says why, can be reached, and does nothing', async () => {
    const act = vi.fn()
    const send = vi.fn((event: { preventDefault: () => void }) => event.preventDefault())
    renderAt(
      <form onSubmit={send}>
        <Button onClick={act} disabledReason="Selling takes the Agency plan.">
          Make a link
        </Button>
      </form>,
    )
    const button = screen.getByRole('button', { name: 'Make a link' })
    expect(button).toHaveAccessibleDescription('Selling takes the Agency plan.')
    await userEvent.tab()
    expect(button).toHaveFocus()
    await userEvent.click(button)
    expect(act).not.toHaveBeenCalled()
    expect(send).not.toHaveBeenCalled()
  })
})

describe('a link that looks like a button', () => {
  it('is a link', () => {
    renderAt(
      <ButtonLink to="/links" variant="primary">
        Links
      </ButtonLink>,
    )
    expect(screen.getByRole('link', { name: 'Links' })).toHaveAttribute('href', '/links')
  })

  it('that cannot be followed leads nowhere and says why', () => {
    renderAt(
      <ButtonLink to="/links" disabledReason="Not yet.">
        Links
      </ButtonLink>,
    )
    expect(screen.queryByRole('link')).toBeNull()
    expect(screen.getByRole('button', { name: 'Links' })).toHaveAccessibleDescription('Not yet.')
  })
})
