import { createRequire } from 'node:module'
import type PDFDocument from 'pdfkit'

/** What a PDF is written with: an embedded font for most scripts, and the reader's own for Chinese, Japanese, Korean. */
export interface PdfText {
  /** Of one line, in points. */
  readonly width: (text: string, size: number, bold?: boolean) => number
  /** One line, its upper left corner at x and y; longer than `width`, it ends in an ellipsis or, `whole`, is set smaller. */
  readonly write: (text: string, x: number, y: number, style: TextStyle) => void
  /** The lines a text takes at this width; of more than `most` the last ends in an ellipsis. */
  readonly lines: (text: string, width: number, size: number, most: number) => string[]
  /** Something was written for which there is no letter anywhere: it stands there as a box. */
  readonly boxed: () => boolean
}

export interface TextStyle {
  readonly size: number
  readonly width: number
  readonly bold?: boolean
  readonly color?: string
  readonly right?: boolean
  /** Rather smaller than cut: a figure of which digits are missing is another figure. */
  readonly whole?: boolean
}

type Script = 'plain' | 'rightToLeft' | 'chinese' | 'korean'
interface Run {
  readonly script: Script
  readonly text: string
}

const CJK = {
  chinese: { font: 'STSong-Light', encoding: 'UniGB-UTF16-H', ordering: 'GB1', supplement: 5 },
  korean: { font: 'HYSMyeongJo-Medium', encoding: 'UniKS-UTF16-H', ordering: 'Korea1', supplement: 2 },
} as const

const BOX = '\u25a1'
const require = createRequire(import.meta.url)

export const pdfText = (doc: InstanceType<typeof PDFDocument>): PdfText => {
  doc.registerFont('regular', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'))
  doc.registerFont('bold', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'))
  const has = letters(doc)
  const fonts = new Map<Script, PDFKit.PDFKitReference>()
  let boxed = false

  const runsOf = (text: string): Run[] => {
    const runs: { script: Script; text: string }[] = []
    for (const letter of clean(text)) {
      const last = runs.at(-1)
      const script = scriptOf(letter, has, last?.script ?? 'plain')
      if (script === null) boxed = true
      const shown = script === null ? { script: 'plain' as const, text: BOX } : { script, text: letter }
      if (last !== undefined && last.script === shown.script) last.text += shown.text
      else runs.push(shown)
    }
    return runs
  }
  const runWidth = ({ script, text }: Run, size: number, bold: boolean): number =>
    script === 'chinese' || script === 'korean'
      ? [...text].length * size
      : doc
          .font(bold ? 'bold' : 'regular')
          .fontSize(size)
          .widthOfString(text, layoutOf(script))
  const width = (text: string, size: number, bold = false): number =>
    runsOf(text).reduce((sum, run) => sum + runWidth(run, size, bold), 0)

  const cut = (text: string, most: number, size: number, bold: boolean): string => {
    if (width(text, size, bold) <= most) return text
    const letters = lettersOf(text)
    let [fits, over] = [0, letters.length]
    while (over - fits > 1) {
      const middle = (fits + over) >> 1
      if (width(`${letters.slice(0, middle).join('')}…`, size, bold) <= most) fits = middle
      else over = middle
    }
    return `${letters.slice(0, fits).join('').trimEnd()}…`
  }

  const write: PdfText['write'] = (
    text,
    x,
    y,
    { size: asked, width: most, bold = false, color = '#111111', right, whole = false },
  ) => {
    // A hair less than fits, for widths do not shrink in exact proportion.
    const size = whole ? Math.min(asked, (asked * most * 0.999) / width(text, asked, bold)) : asked
    const line = whole ? text : cut(text, most, size, bold)
    let at = right ? x + most - width(line, size, bold) : x
    for (const run of runsOf(line)) {
      doc.fillColor(color)
      if (run.script === 'chinese' || run.script === 'korean') {
        const font = fonts.get(run.script) ?? readersFont(doc, run.script)
        fonts.set(run.script, font)
        writeWithReadersFont(doc, font, run, at, y, size)
      } else
        doc
          .font(bold ? 'bold' : 'regular')
          .fontSize(size)
          .text(run.text, at, y, layoutOf(run.script))
      at += runWidth(run, size, bold)
    }
  }

  const lines: PdfText['lines'] = (text, most, size, count) => {
    const found: string[] = []
    let rest = clean(text).trim()
    while (rest !== '' && found.length < count - 1 && width(rest, size) > most) {
      const part = cut(rest, most, size, false).slice(0, -1)
      const space = part.lastIndexOf(' ')
      const taken = space > 0 && rest[part.length] !== ' ' ? part.slice(0, space) : part
      if (taken === '') break
      found.push(taken)
      rest = rest.slice(taken.length).trim()
    }
    return rest === '' ? found : [...found, cut(rest, most, size, false)]
  }
  return { width, write, lines, boxed: () => boxed }
}

/**
 * From right to left in one piece: by words, these would come out in the wrong order. Word by word otherwise, which
 * remembers how a word is laid out.
 */
const layoutOf = (script: Script): PDFKit.Mixins.TextOptions =>
  script === 'rightToLeft' ? { lineBreak: false, features: [] } : { lineBreak: false }

/** No signs that steer a terminal or turn the direction of what follows. */
const clean = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')

const lettersOf = (text: string): string[] =>
  [...new Intl.Segmenter('en').segment(clean(text))].map(({ segment }) => segment)

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Nko}]/u
const CHINESE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u

/** Null: there is no letter for it. What has no script of its own goes on as what stands before it. */
const scriptOf = (letter: string, has: (code: number) => boolean, before: Script): Script | null => {
  if (/\p{Script=Hangul}/u.test(letter)) return 'korean'
  if (CHINESE.test(letter)) return 'chinese'
  if (!has(letter.codePointAt(0) ?? 0)) return null
  if (RIGHT_TO_LEFT.test(letter)) return 'rightToLeft'
  return before === 'rightToLeft' && /[\p{Zs}\p{M}\u200c\u200d]/u.test(letter) ? before : 'plain'
}

const letters = (doc: InstanceType<typeof PDFDocument>): ((code: number) => boolean) => {
  doc.font('regular')
  const { font } = (
    doc as unknown as { _font: { font: { hasGlyphForCodePoint: (code: number) => boolean } } }
  )._font
  return (code) => font.hasGlyphForCodePoint(code)
}

/** Named, not embedded: who reads Chinese or Korean has such a font, and it has tens of thousands of letters. */
const readersFont = (
  doc: InstanceType<typeof PDFDocument>,
  script: keyof typeof CJK,
): PDFKit.PDFKitReference => {
  const { font, encoding, ordering, supplement } = CJK[script]
  const done = (data: Record<string, unknown>) => {
    const ref = doc.ref(data)
    ref.end(undefined)
    return ref
  }
  const descriptor = done({
    Type: 'FontDescriptor',
    FontName: font,
    Flags: 4,
    FontBBox: [-25, -254, 1000, 880],
    ItalicAngle: 0,
    Ascent: 880,
    Descent: -120,
    CapHeight: 880,
    StemV: 93,
  })
  const descendant = done({
    Type: 'Font',
    Subtype: 'CIDFontType0',
    BaseFont: font,
    CIDSystemInfo: { Registry: literal('Adobe'), Ordering: literal(ordering), Supplement: supplement },
    FontDescriptor: descriptor,
    DW: 1000,
  })
  return done({
    Type: 'Font',
    Subtype: 'Type0',
    BaseFont: font,
    Encoding: encoding,
    DescendantFonts: [descendant],
  })
}

/** A text in a PDF's dictionary; a plain string would be a name there. */
const literal = (text: string): object => Object(text) as object

const writeWithReadersFont = (
  doc: InstanceType<typeof PDFDocument>,
  font: PDFKit.PDFKitReference,
  { script, text }: Run,
  x: number,
  y: number,
  size: number,
): void => {
  const page = doc.page as unknown as { fonts: Record<string, unknown>; height: number }
  page.fonts[script] = font
  const hex = Buffer.from(text, 'utf16le').swap16().toString('hex')
  const [left, base] = [x, page.height - y - size * 0.93].map((place) => place.toFixed(2))
  // The page's origin is turned to the top; a letter must not be.
  doc.save()
  doc.transform(1, 0, 0, -1, 0, page.height)
  doc.addContent(`BT /${script} ${size} Tf 1 0 0 1 ${left} ${base} Tm <${hex}> Tj ET`)
  doc.restore()
}
