import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { renderAt } from '~/testing/render'
import { TraceList } from './trace-list'
import { choicesOf, chosenIn, type UpdateItemView } from './update-choices'
import { Outcome, UpdateItem } from './update-parts'

const item: UpdateItemView = {
  key: 'page:p1',
  kind: 'page',
  name: 'Home',
  within: 'Website',
  change: 'BOTH_CHANGED',
  options: ['merge', 'keep', 'take'],
  choice: 'merge',
  note: 'Stays: the page “About” links to it.',
  clashes: [
    {
      key: 'page:p1#b',
      kind: 'block',
      name: 'b',
      type: 'Hero',
      choice: 'mine',
      theirs: [{ name: 'text', text: 'Their words' }],
      mine: null,
    },
    { key: 'page:p1.name', kind: 'field', name: 'name', type: '', choice: 'theirs', theirs: [], mine: [] },
  ],
  fields: [{ name: 'name', before: 'Old', after: null }],
  blocks: [
    { id: 'c', type: 'Text', change: 'added', fields: [{ name: 'text', before: null, after: 'New' }] },
  ],
}

test('a thing that both changed shows what may be done, where they differ, and what the seller changed', () => {
  renderAt(<UpdateItem item={item} />)
  expect(screen.getByText('Changed by both of you')).toBeInTheDocument()
  expect(screen.getByLabelText('Merge both')).toBeChecked()
  expect(screen.getByText(item.note ?? '')).toBeInTheDocument()
  const clash = screen.getByRole('group', { name: 'Both changed the block Hero' })
  expect(within(clash).getByLabelText('Mine')).toBeChecked()
  expect(within(clash).getByText('Removed')).toBeInTheDocument()
  expect(within(clash).getByText('Their words')).toBeInTheDocument()
  expect(screen.getByText('Added: Text')).toBeInTheDocument()
  expect(screen.getByText('New').tagName).toBe('INS')
  expect(screen.getByText('Old').tagName).toBe('DEL')
})

test('what was looked at is what is sent', () => {
  const choices = Object.fromEntries(choicesOf([item]))
  expect(choices).toEqual({ 'page:p1': 'merge', 'page:p1#b': 'mine', 'page:p1.name': 'theirs' })
  const fields = new URLSearchParams(
    Object.entries(choices).map(([key, choice]) => [`choice ${key}`, choice]),
  )
  fields.set('seen', 'x')
  fields.set('choice long', 'x'.repeat(21))
  expect(chosenIn(fields)).toEqual(choices)
})

test('the outcome is told line by line, and that there is none', () => {
  const { unmount } = renderAt(
    <Outcome
      lines={[
        { kind: 'page', name: 'Home', what: 'changed' },
        { kind: 'workspace', name: 'W', what: 'changed' },
      ]}
    />,
  )
  expect(screen.getByText('Page “Home” changes')).toBeInTheDocument()
  expect(screen.getByText('The workspace changes')).toBeInTheDocument()
  unmount()
  renderAt(<Outcome lines={[]} />)
  expect(screen.getByText(/Nothing of your copy changes/)).toBeInTheDocument()
})

test('a seller reads what buyers would get too, with the page it is on', () => {
  const trace = {
    kind: 'KEY',
    where: 'Page “Home”',
    funnelId: '1',
    pageId: 'p1',
    path: 'content',
    excerpt: 'sk_live_ab…',
  } as const
  renderAt(
    <TraceList
      workspaceId="w"
      report={{ found: [trace, { ...trace, where: 'Settings', pageId: null }], more: true }}
    />,
  )
  expect(screen.getByRole('link', { name: 'Page “Home”' })).toHaveAttribute(
    'href',
    '/workspaces/w/funnels/1/pages/p1',
  )
  expect(screen.getByText('Settings')).toBeInTheDocument()
  expect(screen.getByText(/and more/)).toBeInTheDocument()
})
