import { type BasisPoints, basisPoints, moneyToJson, percentage, share } from '../../server/kit/money'

export interface ExampleLine {
  readonly who: string
  readonly why: string
  readonly rate: string
  readonly share: { readonly amount: number; readonly currency: string }
}

/** Per cent, two decimals. */
interface Rates {
  readonly seller: string
  readonly referral: string
}

const PRICE = 11_500n

/** How one sale of 115.00 USD is shared at this installation's rates: the shares, and what remains of it. */
export const exampleSale = (rates: Rates) => {
  const [ofSeller, ofReferral] = [basisPoints(rates.seller), basisPoints(rates.referral)]
  const usd = (amount: bigint) => moneyToJson({ amount, currency: 'USD' })
  const seller = share(PRICE, ofSeller)
  const referrer = share(PRICE, ofReferral)
  const lines: ExampleLine[] = [
    { who: 'The seller', why: 'made the workspace', rate: perCent(ofSeller), share: usd(seller) },
    {
      who: 'The affiliate',
      why: 'referred the buyer, if somebody did',
      rate: perCent(ofReferral),
      share: usd(referrer),
    },
    {
      who: 'The platform',
      why: 'what remains; it carries the payment fees',
      rate: perCent(10_000 - ofSeller - ofReferral),
      share: usd(PRICE - seller - referrer),
    },
  ]
  return { price: usd(PRICE), lines }
}

/** 1500 → '15 %', 1250 → '12.5 %'. */
const perCent = (points: BasisPoints): string => `${percentage(points).replace(/\.?0+$/, '') || '0'} %`
