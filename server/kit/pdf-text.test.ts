import PDFDocument from 'pdfkit'
import { expect, it } from 'vitest'
import { pdfText, type TextStyle } from './pdf-text'

/** The size and the number of letters of what was written. */
const written = async (text: string, style: Partial<TextStyle>) => {
  const doc = new PDFDocument({ compress: false })
  const parts: Buffer[] = []
  doc.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise((resolve) => doc.on('end', resolve))
  pdfText(doc).write(text, 0, 0, { size: 10, width: 60, ...style })
  doc.end()
  await ended
  const page = Buffer.concat(parts).toString('latin1')
  const size = Number(/\/F\d+ ([\d.]+) Tf/.exec(page)?.[1])
  const [shown = ''] = /\[.*\] TJ/.exec(page) ?? []
  return { size, letters: (shown.match(/<([0-9a-f]+)>/g) ?? []).join('').replaceAll(/[<>]/g, '').length / 4 }
}

const FIGURE = 'USD 90,071,992,547,409.91'

it('a figure that is too wide is set smaller and keeps every digit', async () => {
  const { size, letters } = await written(FIGURE, { whole: true })
  expect(letters).toBe(FIGURE.length)
  expect(size).toBeGreaterThan(2)
  expect(size).toBeLessThan(6)
})

it('words that are too wide keep their size and are cut', async () => {
  const { size, letters } = await written('Commission on a sale of a workspace', {})
  expect(size).toBe(10)
  expect(letters).toBeLessThan(20)
})

it('a figure that fits keeps its size', async () => {
  expect(await written('USD 9.99', { whole: true })).toEqual({ size: 10, letters: 8 })
})
