import { CURRENCIES } from '../../../server/kit/money'

export interface CurrencyChoice {
  readonly code: string
  readonly name: string
}

const names = new Intl.DisplayNames('en', { type: 'currency' })

/** Every currency a price can be in, with its English name. */
export const currencyChoices = (): CurrencyChoice[] =>
  CURRENCIES.map((code) => ({ code, name: names.of(code) ?? code }))
