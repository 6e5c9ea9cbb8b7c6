/**
 * The books in memory, as the rules say them and not as the code does them: what every step of a sale's life does to
 * balances, shares, statements and the platform's sums. Minor units throughout. Time is the number of the step's group.
 */

export interface Sale {
  readonly buyer: number
  readonly seller: number
  readonly currency: string
  readonly captured: bigint
  /** At most `captured`. */
  readonly tax: bigint
  readonly fee: bigint | null
  /** The seller's share in basis points. */
  readonly rate: number
  readonly held: boolean
}

export type RefundStatus = 'pending' | 'succeeded' | 'failed' | 'canceled'
export type DisputeState = 'open' | 'won' | 'lost' | 'no_money_moved'
export type Decision = 'cancel' | 'approve' | 'reject' | 'hold' | 'release' | 'pay' | 'fail' | 'return'

/** `sale` is a number in the list of sales, told of at any time and any number of times; `who` one of PEOPLE. */
export type Step =
  | { readonly do: 'sale'; readonly sale: number }
  | { readonly do: 'refund'; sale: number; ref: number; amount: bigint; status: RefundStatus }
  | { readonly do: 'reported'; readonly sale: number; readonly amount: bigint }
  | { readonly do: 'dispute'; sale: number; ref: number; amount: bigint; state: DisputeState }
  | { readonly do: 'credit' }
  | { readonly do: 'withdraw'; readonly who: Person; readonly currency: string; readonly amount: bigint }
  | { readonly do: 'decide'; readonly which: number; readonly decision: Decision }
  | { readonly do: 'adjust'; readonly who: Person; readonly currency: string; readonly amount: bigint }

export const PEOPLE = ['seller0', 'seller1', 'affiliate'] as const
export type Person = (typeof PEOPLE)[number]

/** Who referred which buyer, at REFERRAL_RATE; the third came alone. */
export const REFERRERS: readonly (Person | null)[] = ['affiliate', 'seller1', null]
const REFERRAL_RATE = 1_500

interface Share {
  readonly who: Person
  readonly kind: 'SALE' | 'REFERRAL'
  readonly amount: bigint
  readonly madeAt: number
  credited: boolean
  reversed: bigint
  held: bigint
}
interface Told<S extends string> {
  amount: bigint
  status: S
}
interface Payment extends Sale {
  readonly paidAt: number
  readonly shares: Share[]
  readonly refunds: Map<number, Told<RefundStatus>>
  readonly disputes: Map<number, Told<DisputeState>>
  reported: bigint
  backAt: number
}
interface Withdrawal {
  readonly who: Person
  readonly currency: string
  readonly amount: bigint
  status: 'REQUESTED' | 'APPROVED' | 'ON_HOLD' | 'PAID' | 'FAILED' | 'REJECTED' | 'CANCELLED' | 'RETURNED'
}
export interface Books {
  readonly sales: readonly Sale[]
  now: number
  readonly payments: Map<number, Payment>
  /** By the step that made it. */
  readonly withdrawals: Map<string, Withdrawal>
  /** `revenue  USD`, `available seller0 USD` → sum of the entries. */
  readonly accounts: Map<string, bigint>
  /** `seller0 USD` → its lines, oldest first. */
  readonly lines: Map<string, [string, bigint][]>
}

export const emptyBooks = (sales: readonly Sale[]): Books => ({
  sales,
  now: 0,
  payments: new Map(),
  withdrawals: new Map(),
  accounts: new Map(),
  lines: new Map(),
})

/** Does a step; false when it is refused or has to wait, and nothing changed. @param key names what it makes */
export const take = (books: Books, step: Step, key: string, known: readonly string[]): boolean => {
  switch (step.do) {
    case 'sale':
      return sell(books, step.sale)
    case 'refund':
      return told(books, step.sale, (payment) =>
        further(payment.refunds, step.ref, step.amount, step.status, REFUNDS),
      )
    case 'reported':
      return told(books, step.sale, (payment) => {
        if (step.amount > payment.reported) payment.reported = step.amount
      })
    case 'dispute':
      return told(books, step.sale, (payment) =>
        further(payment.disputes, step.ref, step.amount, step.state, DISPUTES, true),
      )
    case 'credit':
      return credit(books)
    case 'withdraw':
      return withdraw(books, step, key)
    case 'decide':
      return decide(books, known.length === 0 ? '' : (known[step.which % known.length] ?? ''), step.decision)
    case 'adjust':
      move(books, `available ${step.who}`, step.currency, step.amount, 'ADJUSTMENT')
      move(books, 'adjustments', step.currency, -step.amount)
      return true
  }
}

const round = (n: bigint, d: bigint): bigint => (d === 0n ? 0n : (2n * n + d) / (2n * d))
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

const move = (books: Books, account: string, currency: string, amount: bigint, line?: string): void => {
  if (amount === 0n) return
  const name = `${account} ${currency}`
  books.accounts.set(name, (books.accounts.get(name) ?? 0n) + amount)
  if (line === undefined) return
  const own = name.replace('available ', '')
  books.lines.set(own, [...(books.lines.get(own) ?? []), [line, amount]])
}

const sell = (books: Books, no: number): boolean => {
  const sale = books.sales[no]
  if (sale === undefined) throw new Error(`no sale ${no}`)
  if (books.payments.has(no)) return true
  const base = sale.captured - sale.tax
  move(books, 'provider stripe', sale.currency, -sale.captured + (sale.fee ?? 0n))
  move(books, 'fees', sale.currency, -(sale.fee ?? 0n))
  move(books, 'revenue', sale.currency, base)
  move(books, 'tax', sale.currency, sale.tax)
  const seller: Person = sale.seller === 0 ? 'seller0' : 'seller1'
  const referrer = REFERRERS[sale.buyer] ?? null
  const shares: Share[] = []
  let left = base
  const earn = (who: Person, kind: Share['kind'], rate: number) => {
    const amount = least(left, round(base * BigInt(rate), 10_000n))
    if (amount === 0n) return
    left -= amount
    // A referral's hold is pinned to the customer, and these have none.
    const waits = sale.held && kind === 'SALE'
    shares.push({ who, kind, amount, madeAt: books.now, credited: !waits, reversed: 0n, held: 0n })
    move(books, 'revenue', sale.currency, -amount)
    if (waits) move(books, `pending ${who}`, sale.currency, amount)
    else move(books, `available ${who}`, sale.currency, amount, 'COMMISSION')
  }
  earn(seller, 'SALE', sale.rate)
  if (referrer !== null && !shares.some(({ who }) => who === referrer))
    earn(referrer, 'REFERRAL', REFERRAL_RATE)
  const paidAt = books.now
  books.payments.set(no, {
    ...sale,
    paidAt,
    shares,
    refunds: new Map(),
    disputes: new Map(),
    reported: 0n,
    backAt: paidAt,
  })
  return true
}

const REFUNDS = { pending: 1, succeeded: 2, failed: 3, canceled: 3 }
const DISPUTES = { no_money_moved: 0, open: 1, won: 2, lost: 2 }

/** What was told first stands until something further is told. */
const further = <S extends string>(
  told: Map<number, Told<S>>,
  ref: number,
  amount: bigint,
  status: S,
  progress: Readonly<Record<S, number>>,
  newAmount = false,
): void => {
  const known = told.get(ref)
  if (known !== undefined && progress[status] <= progress[known.status]) return
  told.set(ref, { amount: known === undefined || newAmount ? amount : known.amount, status })
}

const standing = (payment: Payment) => {
  const { captured, tax } = payment
  const sum = (rows: Iterable<Told<string>>, ...of: string[]) =>
    [...rows].reduce((total, { status, amount }) => (of.includes(status) ? total + amount : total), 0n)
  const refunds = [...payment.refunds.values()]
  const disputes = [...payment.disputes.values()]
  const made = sum(refunds, 'pending', 'succeeded')
  const reported = payment.reported - sum(refunds, 'failed', 'canceled')
  const refunded = least(captured, made > reported ? made : reported)
  const gone = refunded + sum(disputes, 'lost')
  const open = disputes.some(({ status }) => status === 'open')
  const taxOf = (amount: bigint) => round(tax * least(captured, amount), captured)
  const baseOf = (amount: bigint) => least(captured, amount) - taxOf(amount)
  return {
    refunded,
    gone,
    goneTax: taxOf(gone),
    lost: baseOf(gone),
    atRisk: baseOf(gone + sum(disputes, 'open')),
    open,
    frozen:
      open || sum(disputes, 'lost') > 0n || disputes.some(({ status }) => status === 'lost')
        ? true
        : captured > 0n && gone >= captured,
    status: open
      ? 'DISPUTED'
      : gone === 0n
        ? 'CAPTURED'
        : gone < captured
          ? 'PARTIALLY_REFUNDED'
          : 'REFUNDED',
  }
}

const told = (books: Books, no: number, hear: (payment: Payment) => void): boolean => {
  const payment = books.payments.get(no)
  if (payment === undefined) return false
  const before = standing(payment)
  hear(payment)
  const after = standing(payment)
  const { currency, captured, tax } = payment
  const gone = after.gone - before.gone
  const goneTax = after.goneTax - before.goneTax
  if (gone > 0n) payment.backAt = books.now
  move(books, 'provider stripe', currency, gone)
  move(books, 'tax', currency, -goneTax)
  move(books, 'revenue', currency, goneTax - gone)
  for (const share of payment.shares) {
    const part = (lost: bigint) => round(share.amount * lost, captured - tax)
    const reversed = part(after.lost) - share.reversed
    const held = part(after.atRisk) - part(after.lost) - share.held
    share.reversed += reversed
    share.held += held
    move(books, 'revenue', currency, reversed)
    move(books, `pending ${share.who}`, currency, share.credited ? held : -reversed)
    if (share.credited)
      move(
        books,
        `available ${share.who}`,
        currency,
        -reversed - held,
        reversed > 0n && reversed + held >= 0n ? 'REFUND' : 'ADJUSTMENT',
      )
  }
  return true
}

const credit = (books: Books): boolean => {
  const groups = new Map<string, { who: Person; currency: string; amount: bigint }>()
  for (const { shares, currency } of books.payments.values())
    for (const share of shares) {
      if (share.credited || share.held > 0n || share.reversed === share.amount || share.madeAt >= books.now)
        continue
      share.credited = true
      const group = groups.get(`${share.who} ${currency}`) ?? { who: share.who, currency, amount: 0n }
      group.amount += share.amount - share.reversed
      groups.set(`${share.who} ${currency}`, group)
    }
  for (const { who, currency, amount } of groups.values()) {
    move(books, `pending ${who}`, currency, -amount)
    move(books, `available ${who}`, currency, amount, 'COMMISSION')
  }
  return true
}

const OPEN = ['REQUESTED', 'APPROVED', 'ON_HOLD']

const withdraw = (books: Books, asked: Omit<Withdrawal, 'status'>, key: string): boolean => {
  const { who, currency, amount } = asked
  const open = [...books.withdrawals.values()].some(
    (one) => one.who === who && one.currency === currency && OPEN.includes(one.status),
  )
  if (open || (books.accounts.get(`available ${who} ${currency}`) ?? 0n) < amount) return false
  books.withdrawals.set(key, { who, currency, amount, status: 'REQUESTED' })
  move(books, `available ${who}`, currency, -amount, 'WITHDRAWAL')
  move(books, `withdrawing ${who}`, currency, amount)
  return true
}

const WAYS: Record<Decision, readonly [to: Withdrawal['status'], ...from: Withdrawal['status'][]]> = {
  cancel: ['CANCELLED', 'REQUESTED'],
  approve: ['APPROVED', 'REQUESTED'],
  reject: ['REJECTED', 'REQUESTED', 'ON_HOLD'],
  hold: ['ON_HOLD', 'APPROVED'],
  release: ['APPROVED', 'ON_HOLD'],
  pay: ['PAID', 'APPROVED'],
  fail: ['FAILED', 'APPROVED'],
  return: ['RETURNED', 'PAID'],
}

const decide = (books: Books, key: string, decision: Decision): boolean => {
  const withdrawal = books.withdrawals.get(key)
  if (withdrawal === undefined) return false
  const [to, ...from] = WAYS[decision]
  if (withdrawal.status === to) return true
  if (!from.includes(withdrawal.status)) return false
  const { who, currency, amount, status } = withdrawal
  withdrawal.status = to
  const at = status === 'PAID' ? 'paid_out' : `withdrawing ${who}`
  if (to === 'PAID') {
    move(books, at, currency, -amount)
    move(books, 'paid_out', currency, amount)
  } else if (!OPEN.includes(to)) {
    move(books, at, currency, -amount)
    move(books, `available ${who}`, currency, amount, 'WITHDRAWAL')
  }
  return true
}

/** All there is to compare, in an order of its own. */
export const viewOf = (books: Books) => ({
  accounts: Object.fromEntries([...books.accounts].filter(([, sum]) => sum !== 0n).sort()),
  lines: Object.fromEntries([...books.lines].sort()),
  payments: Object.fromEntries(
    [...books.payments]
      .sort(([a], [b]) => a - b)
      .map(([no, payment]) => {
        const now = standing(payment)
        return [no, { status: now.status, refunded: now.refunded, copy: copyOf(books, payment) }]
      }),
  ),
  shares: Object.fromEntries(
    [...books.payments]
      .flatMap(([no, { shares }]) => shares.map((share) => [`${no} ${share.who}`, shareView(share)] as const))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ),
  withdrawals: Object.fromEntries(
    [...books.withdrawals].map(([key, { status }]) => [key, status] as const).sort(),
  ),
})
export type View = ReturnType<typeof viewOf>

const shareView = ({ kind, amount, reversed, held, credited }: Share) => ({
  kind,
  amount,
  reversed,
  held,
  credited,
  status:
    reversed === amount
      ? 'REVERSED'
      : reversed > 0n
        ? 'PARTIALLY_REVERSED'
        : credited
          ? 'CREDITED'
          : 'PENDING',
})

/** Frozen while what was paid is back or disputed, unless the buyer bought from that seller again since. */
const copyOf = (books: Books, one: Payment): 'ACTIVE' | 'FROZEN' => {
  const now = standing(one)
  const again = [...books.payments.values()].some(
    (other) =>
      other.buyer === one.buyer &&
      other.seller === one.seller &&
      other.paidAt > one.backAt &&
      !standing(other).frozen,
  )
  return now.frozen && (now.open || !again) ? 'FROZEN' : 'ACTIVE'
}
