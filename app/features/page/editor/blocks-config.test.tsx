import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { BLOCKS, readBlock } from '../blocks'
import { OneBlock } from '../PageContent'
import { blocksConfig } from './blocks-config'
import { linesField, linkField, pictureField } from './fields'

const pages = [
  { href: 'page:p1', label: 'Home' },
  { href: 'page:p2', label: 'Thank you' },
]
const pictures = [{ address: `/pictures/${'ab'.repeat(32)}-10x10.webp`, name: 'Beach' }]
const config = blocksConfig({ pages, pictures })

describe('the blocks in the editor', () => {
  it('are all there are, each in a category', () => {
    expect(Object.keys(config.components).sort()).toEqual(Object.keys(BLOCKS).sort())
    expect(Object.keys(BLOCKS).length).toBeGreaterThanOrEqual(20)
    const listed = Object.values(config.categories ?? {}).flatMap((category) => category.components ?? [])
    expect([...listed].sort()).toEqual(Object.keys(BLOCKS).sort())
  })

  it.each(Object.keys(BLOCKS))('begin as something that shows: %s', (type) => {
    const begin = config.components[type]?.defaultProps ?? {}
    const value = { type, props: { id: 'x', ...begin } }
    if (type === 'Video' || type === 'Embed') expect(readBlock(value)).toMatchObject({ type })
    const { container } = render(<OneBlock value={value} />)
    expect(container.querySelector('[data-unknown-block]')).toBeNull()
    expect(container.innerHTML).not.toBe('')
  })
})

describe('a link in the editor', () => {
  const show = (value: string) => {
    const onChange = vi.fn()
    const field = linkField('Leads to', pages)
    render(
      field.render({ field, name: 'href', id: 'href', value, onChange, readOnly: false } as Parameters<
        typeof field.render
      >[0]),
    )
    return onChange
  }

  it('is chosen from the pages of the workspace', async () => {
    const onChange = show('page:p1')
    expect(screen.getByLabelText('Leads to')).toHaveValue('page:p1')
    await userEvent.selectOptions(screen.getByLabelText('Leads to'), 'Thank you')
    expect(onChange).toHaveBeenCalledWith('page:p2')
  })

  it('may be an address typed in', async () => {
    const onChange = show('https://elsewhere.example')
    expect(screen.getByLabelText('Leads to: address')).toHaveValue('https://elsewhere.example')
    await userEvent.type(screen.getByLabelText('Leads to: address'), '/')
    expect(onChange).toHaveBeenCalledWith('https://elsewhere.example/')
  })
})

it('a picture in the editor is chosen from the library, and shown', () => {
  const field = pictureField('Picture', pictures)
  const value = pictures[0]?.address ?? ''
  const { container } = render(
    field.render({ field, name: 'src', id: 'src', value, onChange: () => {}, readOnly: false } as Parameters<
      typeof field.render
    >[0]),
  )
  expect(screen.getByLabelText('Picture')).toHaveValue(value)
  expect(container.querySelector('img')).toHaveAttribute('src', value)
})

it('texts of a list are edited a line each', async () => {
  const onChange = vi.fn()
  const field = linesField('Choices')
  const value = ['Tea', 'Coffe']
  render(
    field.render({ field, name: 'options', id: 'options', value, onChange, readOnly: false } as Parameters<
      typeof field.render
    >[0]),
  )
  await userEvent.type(screen.getByLabelText('Choices'), 'e')
  expect(onChange).toHaveBeenCalledWith(['Tea', 'Coffee'])
})
