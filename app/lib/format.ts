/** An amount as it travels: an integer of the currency's minor unit. */
export interface Amount {
  readonly amount: number | bigint
  readonly currency: string
}

/** Codes of ISO 4217 whose minor unit is not a hundredth. Not from Intl, which follows custom rather than the standard. */
const EXPONENTS: Readonly<Record<string, number>> = {
  ...of(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'),
  ...of(3, 'BHD IQD JOD KWD LYD OMR TND'),
}

function of(exponent: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, exponent]))
}

/** Digits after the decimal point: JPY 0, USD 2, KWD 3. */
export const minorDigits = (currency: string): number => EXPONENTS[currency] ?? 2

/** 11500 USD → '115.00', without ever being a float. */
export const decimalText = ({ amount, currency }: Amount): `${number}` => {
  const digits = minorDigits(currency)
  const value = BigInt(amount)
  const sign = value < 0n ? '-' : ''
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  return `${sign}${whole}${digits === 0 ? '' : `.${text.slice(-digits)}`}` as `${number}`
}

/**
 * 11500 USD → '115.00 USD': grouped as the locale does it, with the code rather than a sign that several
 * currencies share. Exact for any size.
 * @param plus a plus sign before what is more than nothing, for the lines of a statement
 */
export const formatMoney = (money: Amount, locale = 'en', plus = false): string => {
  const digits = minorDigits(money.currency)
  const number = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: plus ? 'exceptZero' : 'auto',
  }).format(decimalText(money))
  return `${number.replace('-', '\u2212')}\u00a0${money.currency}`
}

/**
 * '2026-11-21T12:00:00.000Z' → '21 Nov 2026', or with `time` '21 Nov 2026, 12:00 UTC'. The order is ours and not the
 * locale's, so that server and browser write the same whatever their language data.
 * @param iso a moment, ISO 8601
 * @param timeZone an IANA name
 */
export const formatDate = (iso: string, timeZone = 'UTC', time = false): string => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).formatToParts(new Date(iso))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  const day = `${part('day')} ${part('month')} ${part('year')}`
  return time ? `${day}, ${part('hour')}:${part('minute')} ${part('timeZoneName')}` : day
}

/** 1200 → '1,200'. */
export const formatNumber = (value: number, locale = 'en'): string =>
  new Intl.NumberFormat(locale).format(value)

/** (1, 'page') → '1 page', (2, 'page') → '2 pages', (2, 'copy', 'copies') → '2 copies'. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`

/** Whole days from one moment to another, counting a day begun; never below nothing. */
export const daysUntil = (iso: string, now: Date): number =>
  Math.max(0, Math.ceil((new Date(iso).getTime() - now.getTime()) / 86_400_000))
