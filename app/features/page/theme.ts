/** A colour as red, green and blue from 0 to 255. */
type Rgb = readonly [number, number, number]

interface Colour {
  readonly css: string
  readonly rgb: Rgb
}

export interface PageTheme {
  /** Names this theme; a class that only stands for these values. */
  readonly className: string
  /** Rules for a style element. Holds none of < > & " ' so that it is the same with and without HTML escaping. */
  readonly css: string
}

const NAMES: Readonly<Record<string, string>> = {
  black: '#000000',
  white: '#ffffff',
  gray: '#6b7280',
  silver: '#c0c0c0',
  navy: '#1e2a5a',
  blue: '#2457d6',
  teal: '#0f766e',
  green: '#15803d',
  olive: '#5b6b1e',
  lime: '#84cc16',
  yellow: '#facc15',
  orange: '#ea580c',
  red: '#c62828',
  maroon: '#7f1d1d',
  purple: '#7e22ce',
  pink: '#db2777',
  brown: '#7a4a2b',
  ivory: '#fdfbf3',
}

// Without quotes: a family of several words is valid as it is.
const FONTS: Readonly<Record<string, string>> = {
  system: 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Noto Sans, sans-serif',
  humanist: 'Seravek, Gill Sans Nova, Ubuntu, Calibri, DejaVu Sans, source-sans-pro, sans-serif',
  geometric: 'Avenir, Montserrat, Corbel, URW Gothic, source-sans-pro, sans-serif',
  serif: 'Charter, Bitstream Charter, Sitka Text, Cambria, Georgia, serif',
  oldstyle: 'Iowan Old Style, Palatino Linotype, URW Palladio L, P052, Georgia, serif',
  slab: 'Rockwell, Rockwell Nova, Roboto Slab, DejaVu Serif, Sitka Small, serif',
  rounded: 'ui-rounded, Hiragino Maru Gothic ProN, Quicksand, Comfortaa, Manjari, sans-serif',
  mono: 'ui-monospace, Cascadia Code, Source Code Pro, Menlo, Consolas, monospace',
}

const RADII: Readonly<Record<string, string>> = {
  none: '0px',
  small: '4px',
  medium: '10px',
  large: '18px',
  pill: '28px',
}
const SPACINGS: Readonly<Record<string, string>> = { compact: '0.75', normal: '1', roomy: '1.3' }

const DEFAULTS = { background: '#ffffff', text: '#1a1c1f', accent: '#0b6e52' }

/** Turns a theme's tokens into CSS. A token that is unknown or does not fit its grammar is left out. */
export const pageTheme = (tokens: Readonly<Record<string, unknown>>): PageTheme => {
  const colour = (name: keyof typeof DEFAULTS): Colour =>
    readColour(tokens[name]) ?? (readColour(DEFAULTS[name]) as Colour)
  const background = colour('background')
  const accent = colour('accent')
  // A theme that says only one of the two must not end as dark on dark.
  const text = readColour(tokens.text) ?? (readColour(isLight(background) ? '#1a1c1f' : '#f2f2f4') as Colour)
  const values = {
    'color-scheme': isLight(background) ? 'light' : 'dark',
    '--fp-background': background.css,
    '--fp-text': text.css,
    '--fp-accent': accent.css,
    '--fp-on-accent': (readColour(tokens.onAccent) ?? onColour(accent)).css,
    '--fp-radius': readLength(tokens.radius) ?? '10px',
    '--fp-space': readSpacing(tokens.spacing) ?? '1',
    '--fp-font': font(tokens.font) ?? FONTS.system,
    '--fp-heading-font': font(tokens.headingFont) ?? font(tokens.font) ?? FONTS.system,
  }
  const body = Object.entries(values)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
  const className = `fp-${hash(body)}`
  return { className, css: `.${className}{${body}}` }
}

/** Reads #hex, rgb() and hsl() of plain numbers, and a few names; null for anything else. */
export const readColour = (value: unknown): Colour | null => {
  if (typeof value !== 'string' || value.length > 40) return null
  const text = value.trim().toLowerCase()
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/.exec(
    Object.hasOwn(NAMES, text) ? (NAMES[text] ?? '') : text,
  )?.[1]
  if (hex !== undefined) return { css: `#${hex}`, rgb: fromHex(hex) }
  const call = /^(rgb|hsl)\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})(%?)\s*[, ]\s*(\d{1,3})(%?)\s*\)$/.exec(text)
  if (call === null) return null
  const [, kind, a, b, percentB, c, percentC] = call
  const numbers: Rgb = [Number(a), Number(b), Number(c)]
  if (kind === 'rgb' && percentB === '' && percentC === '' && numbers.every((n) => n <= 255))
    return { css: `rgb(${numbers.join(' ')})`, rgb: numbers }
  if (
    kind === 'hsl' &&
    percentB === '%' &&
    percentC === '%' &&
    numbers[0] <= 360 &&
    numbers[1] <= 100 &&
    numbers[2] <= 100
  )
    return { css: `hsl(${numbers[0]} ${numbers[1]}% ${numbers[2]}%)`, rgb: fromHsl(numbers) }
  return null
}

const fromHex = (hex: string): Rgb => {
  const long = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex
  const part = (at: number) => Number.parseInt(long.slice(at, at + 2), 16)
  return [part(0), part(2), part(4)]
}

const fromHsl = ([hue, saturation, lightness]: Rgb): Rgb => {
  const l = lightness / 100
  const a = (saturation / 100) * Math.min(l, 1 - l)
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12
    return Math.round(255 * (l - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}

/** Relative luminance, WCAG 2.2. */
const luminance = ({ rgb }: Colour): number => {
  const [r, g, b] = rgb.map((n) =>
    n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0)
}

/** The luminance at which black and white stand out alike. */
const isLight = (colour: Colour): boolean => luminance(colour) > 0.179

const onColour = (accent: Colour): Colour => readColour(isLight(accent) ? '#101113' : '#ffffff') as Colour

const readLength = (value: unknown): string | null => {
  if (typeof value === 'number') return value >= 0 && value <= 48 ? `${value}px` : null
  if (typeof value !== 'string') return null
  if (Object.hasOwn(RADII, value)) return RADII[value] ?? null
  const [, number, unit] = /^(\d{1,2}(?:\.\d{1,3})?)(px|rem)$/.exec(value) ?? []
  return number !== undefined && Number(number) <= (unit === 'rem' ? 3 : 48) ? value : null
}

const readSpacing = (value: unknown): string | null => {
  if (typeof value === 'number') return value >= 0.5 && value <= 2 ? String(value) : null
  return typeof value === 'string' && Object.hasOwn(SPACINGS, value) ? (SPACINGS[value] ?? null) : null
}

const font = (value: unknown): string | undefined =>
  typeof value === 'string' && Object.hasOwn(FONTS, value) ? FONTS[value] : undefined

const hash = (text: string): string => {
  let value = 5381
  for (const letter of text) value = (Math.imul(value, 33) ^ (letter.codePointAt(0) ?? 0)) >>> 0
  return value.toString(36)
}
