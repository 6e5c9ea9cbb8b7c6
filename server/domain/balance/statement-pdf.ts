import { setImmediate } from 'node:timers/promises'
import PDFDocument from 'pdfkit'
import { bound } from '../../kit/bound'
import { type Context, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { type PdfText, pdfText } from '../../kit/pdf-text'
import { monthPeriod } from '../../kit/periods'
import { decimal, exportTransactions } from './csv'
import { readStatement } from './read-statement'
import { LineType, type StatementInput } from './schemas'
import type { StatementDocument, StatementLine } from './statement-document'

/** More lines make no PDF: some 200 pages nobody reads. */
const MAX_LINES = 5_000

/** Pages are set one person at a time, and between two pages others are served. */
const inTurn = bound(1, 8)

/**
 * One's statement of a month on paper. Of a month that is over, the same bytes each time.
 * @throws DomainError as `readStatement`; 422 STATEMENT_TOO_LONG with more than 5,000 lines; 503 BUSY
 */
export const statementPdf = async (ctx: Context, input: StatementInput): Promise<Buffer> => {
  const { document, keyId } = await readStatement(ctx, input)
  const statement = JSON.parse(document) as StatementDocument
  if (statement.lines.length > MAX_LINES)
    throw refused(
      'STATEMENT_TOO_LONG',
      `${input.month} has ${statement.lines.length} lines; a PDF holds at most ${MAX_LINES}. Take the month as CSV or as signed JSON, which hold them all.`,
    )
  return inTurn(() => renderStatement(statement, keyId))
}

/** The lines of a month as CSV, any number of them. */
export const statementCsv = (ctx: Context, { currency, month, timezone }: StatementInput): Promise<string> =>
  exportTransactions(ctx, { userId: signedIn(ctx).userId, currency, ...monthPeriod(month, timezone) })

export const renderStatement = async (statement: StatementDocument, keyId: string): Promise<Buffer> => {
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    lang: 'en',
    info: {
      Title: `Statement ${statement.period.month} in ${statement.currency.code}`,
      Author: statement.issuer,
      Subject: statement.id,
      // Not of the clock: the same statement is the same file.
      CreationDate: new Date(statement.issuedAt),
      ModDate: new Date(statement.issuedAt),
    },
  })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk))
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  const sheet: Sheet = { doc, text: pdfText(doc), statement, keyId }
  const pages = paginate(statement.lines)
  for (const [i, lines] of pages.entries()) {
    doc.addPage()
    const top = i === 0 ? firstHead(sheet) : laterHead(sheet)
    table(sheet, lines, top)
    foot(sheet, i + 1, pages.length)
    await setImmediate()
  }
  doc.end()
  return done
}

interface Sheet {
  readonly doc: InstanceType<typeof PDFDocument>
  readonly text: PdfText
  readonly statement: StatementDocument
  readonly keyId: string
}

const LEFT = 44
const WIDTH = 595.28 - 2 * LEFT
const ROW = 26
const FIRST_TOP = 330
const LATER_TOP = 88
const BOTTOM = 782

const GREY = '#5b6470'
const RULE = '#c9ced6'

const paginate = (lines: readonly StatementLine[]): StatementLine[][] => {
  const fits = (top: number) => Math.floor((BOTTOM - top - 20) / ROW)
  const pages = [lines.slice(0, fits(FIRST_TOP))]
  for (let at = fits(FIRST_TOP); at < lines.length; at += fits(LATER_TOP))
    pages.push(lines.slice(at, at + fits(LATER_TOP)))
  return pages.map((page) => [...page])
}

const money = ({ currency }: StatementDocument, amount: number, signed = false): string => {
  const [whole = '', fraction] = decimal({ amount: Math.abs(amount), currency: currency.code }).split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  const sign = amount < 0 ? '\u2212' : signed && amount > 0 ? '+' : ''
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

const clock = (iso: string, timeZone: string): string => {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  for (const { type, value } of format.formatToParts(new Date(iso))) parts[type] = value
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`
}

const TYPE_WORDS: Readonly<Record<LineType, string>> = {
  COMMISSION: 'Commissions',
  WITHDRAWAL: 'Withdrawals',
  ADJUSTMENT: 'Adjustments',
  REFUND: 'Refunds',
}

const rule = ({ doc }: Sheet, y: number, color = RULE): void => {
  doc
    .moveTo(LEFT, y)
    .lineTo(LEFT + WIDTH, y)
    .lineWidth(0.5)
    .strokeColor(color)
    .stroke()
}

const brand = ({ text, statement }: Sheet): void => {
  text.write('Offshoot', LEFT, 38, { size: 15, bold: true, width: 140 })
  text.write(statement.issuer, LEFT, 58, { size: 8, width: WIDTH / 2, color: GREY })
}

const firstHead = (sheet: Sheet): number => {
  const { text, statement } = sheet
  const { holder, period, currency, opening, closing, totals } = statement
  const half = WIDTH / 2
  brand(sheet)
  text.write(`Statement ${period.month}`, LEFT + half, 38, { size: 15, bold: true, width: half, right: true })
  text.write(
    statement.final
      ? `Final, issued ${clock(statement.issuedAt, 'UTC')} UTC`
      : 'Preview: not issued yet, not final',
    LEFT + half,
    58,
    { size: 8, width: half, right: true, color: statement.final ? GREY : '#a1260d', bold: !statement.final },
  )
  rule(sheet, 76)
  label(sheet, 'Holder', LEFT, 88)
  for (const [i, line] of text.lines(holder.name, half - 20, 11, 3).entries())
    text.write(line, LEFT, 100 + i * 15, { size: 11, width: half - 20 })
  text.write(`Account ${holder.userId}`, LEFT, 148, { size: 7.5, width: half - 20, color: GREY })
  const right = LEFT + half
  label(sheet, 'Period', right, 88)
  text.write(`${clock(period.from, period.timezone)} until before`, right, 100, { size: 9.5, width: half })
  text.write(clock(period.to, period.timezone), right, 114, { size: 9.5, width: half })
  text.write(`All times in ${period.timezone}. All amounts in ${currency.code}.`, right, 130, {
    size: 7.5,
    width: half,
    color: GREY,
  })
  rule(sheet, 164)
  const box = WIDTH / 6
  const figures: [string, string][] = [
    ['Opening balance', money(statement, opening.balance)],
    ...LineType.options.map((type): [string, string] => [
      `${TYPE_WORDS[type]} (${totals[type].count})`,
      money(statement, totals[type].amount, true),
    ]),
    ['Closing balance', money(statement, closing.balance)],
  ]
  for (const [i, [name, value]] of figures.entries()) {
    label(sheet, name, LEFT + i * box, 176, box - 6)
    text.write(value, LEFT + i * box, 188, {
      size: value.length > 12 ? 8 : 10,
      bold: i === 0 || i === figures.length - 1,
      width: box - 4,
      whole: true,
    })
  }
  rule(sheet, 212)
  label(sheet, 'How to verify', LEFT, 222)
  for (const [i, line] of howToVerify(sheet).entries())
    text.write(line, LEFT, 235 + i * 12, { size: 8, width: WIDTH, color: '#333a44' })
  return FIRST_TOP
}

const howToVerify = ({ statement, keyId }: Sheet): string[] => [
  `This paper is a picture of the statement ${statement.id}. What can be proved is its signed form:`,
  '1. Download the signed JSON of this month from your balance page, and the public key',
  `    ${keyId} from ${statement.issuer}/.well-known/offshoot-statement-keys.json`,
  '2. In a copy of Offshoot, run: npm run verify-statement FILE   It needs no network and no account.',
  'It checks the signature (Ed25519), and that every line goes on from the one before and all of them add up.',
]

const laterHead = (sheet: Sheet): number => {
  const { text, statement } = sheet
  brand(sheet)
  const { period, currency, holder } = statement
  const half = WIDTH / 2
  text.write(`Statement ${period.month}, ${currency.code}`, LEFT + half, 40, {
    size: 10,
    bold: true,
    width: half,
    right: true,
  })
  text.write(holder.name, LEFT + half, 58, { size: 8, width: half, right: true, color: GREY })
  rule(sheet, 76)
  return LATER_TOP
}

const label = ({ text }: Sheet, words: string, x: number, y: number, width = 200): void =>
  text.write(words, x, y, { size: 7, width, color: GREY })

const COLUMNS = [
  { head: 'No', x: 0, width: 44 },
  { head: 'Date', x: 48, width: 84 },
  { head: 'What', x: 138, width: 205 },
  { head: 'Amount', x: 345, width: 78, right: true },
  { head: 'Balance after', x: 427, width: WIDTH - 427, right: true },
] as const

/** Words may be cut; figures and times never. */
const WHAT = 2

const table = (sheet: Sheet, lines: readonly StatementLine[], top: number): void => {
  const { text, statement } = sheet
  for (const { head, x, width, ...more } of COLUMNS)
    text.write(head, LEFT + x, top, { size: 7.5, bold: true, width, right: 'right' in more })
  rule(sheet, top + 14, '#111111')
  if (lines.length === 0)
    text.write('No movements in this month.', LEFT, top + 24, { size: 9, width: WIDTH, color: GREY })
  for (const [i, line] of lines.entries()) {
    const y = top + 20 + i * ROW
    const cells = [
      String(line.no),
      clock(line.createdAt, statement.period.timezone),
      line.notes === '' ? TYPE_WORDS[line.type].slice(0, -1) : line.notes,
      money(statement, line.amount, true),
      money(statement, line.balanceAfter),
    ]
    for (const [c, { x, width, ...more }] of COLUMNS.entries())
      text.write(cells[c] ?? '', LEFT + x, y, { size: 8, width, right: 'right' in more, whole: c !== WHAT })
    text.write(`${line.type} · ${line.referenceType} ${line.referenceId}`, LEFT + COLUMNS[2].x, y + 10.5, {
      size: 5.5,
      width: COLUMNS[2].width,
      color: GREY,
    })
    rule(sheet, y + ROW - 5)
  }
}

const foot = (sheet: Sheet, page: number, pages: number): void => {
  const { text, statement, keyId } = sheet
  rule(sheet, BOTTOM + 8)
  const grey = { size: 6.5, color: GREY }
  text.write(`Statement ${statement.id}`, LEFT, BOTTOM + 14, { ...grey, width: WIDTH - 90 })
  text.write(`Key ${keyId}`, LEFT, BOTTOM + 24, { ...grey, width: WIDTH - 90 })
  text.write(`Page ${page} of ${pages}`, LEFT + WIDTH - 90, BOTTOM + 14, {
    ...grey,
    size: 8,
    width: 90,
    right: true,
  })
  if (text.boxed())
    text.write(
      'A box stands for a letter this file has no form of; the signed JSON has it.',
      LEFT,
      BOTTOM + 34,
      {
        ...grey,
        width: WIDTH,
      },
    )
}
