import { z } from 'zod'
import { MoneyJson } from '../../kit/money'
import { SETTINGS } from '../program/schemas'

export const ProofScope = z.enum(['INCREMENTAL', 'FULL'])
export type ProofScope = z.infer<typeof ProofScope>

/** As it is asked for in an address: `?scope=incremental`; everything by default. */
export const VerifyInput = z.strictObject({ scope: z.enum(['full', 'incremental']).default('full') })

/** Something that should be true and is not. */
export const Finding = z.object({
  /** The invariant's (I01 …), or TRANSFER, ENTRY, ACCOUNT, SEAL, SNAPSHOT: what the ledger's own hashes say. */
  id: z.string(),
  /** What should be true. */
  name: z.string(),
  story: z.string(),
  /** What it does not hold for, such as `payment 0193…`. */
  subject: z.string(),
  problem: z.string(),
  /** What to do about it. */
  todo: z.string(),
})
export type Finding = z.infer<typeof Finding>

/** What a proof came to. */
export const Examined = z.object({
  scope: ProofScope,
  ok: z.boolean(),
  checked: z.object({
    transfers: z.number(),
    entries: z.number(),
    accounts: z.number(),
    seals: z.number(),
    invariants: z.number(),
  }),
  violations: z.array(Finding),
  /** Up to this seal all was looked at; null: nothing is sealed yet. */
  sealNo: z.string().nullable(),
  startedAt: z.string(),
  finishedAt: z.string(),
})
export type Examined = z.infer<typeof Examined>

/** A proof that was kept. */
export const Proof = Examined.extend({ id: z.string() })
export type Proof = z.infer<typeof Proof>

/** What an account holds, positive: money that is there for it. */
export const AccountBalance = z.object({
  /** provider, revenue, fees, tax, paid_out, adjustments. */
  kind: z.string(),
  /** The provider's name, else empty. */
  name: z.string(),
  balance: MoneyJson,
})
export type AccountBalance = z.infer<typeof AccountBalance>

/** The books of a currency at a glance: both lists together sum to zero. */
export const Position = z.object({
  currency: z.string(),
  platform: z.array(AccountBalance),
  /** What is owed to users: available, pending, withdrawing. */
  owed: z.array(AccountBalance),
  /** Of both: zero, or the books are wrong. */
  total: MoneyJson,
})
export type Position = z.infer<typeof Position>

export const LedgerOverview = z.object({
  positions: z.array(Position),
  /** Newest first. */
  runs: z.array(Proof),
})
export type LedgerOverview = z.infer<typeof LedgerOverview>

/** Terms to try out; what is left out is as it is now, and without a rate each customer's own counts. */
export const WhatIfInput = z.strictObject({
  months: z.int('Whole months.').min(1, 'At least 1.').max(24, 'At most 24.').default(3),
  referralCommissionPercentage: SETTINGS.referralCommissionPercentage.optional(),
  overrideCommissionPercentage: SETTINGS.overrideCommissionPercentage.optional(),
  overrideDepth: SETTINGS.overrideDepth.optional(),
  referralTiers: SETTINGS.referralTiers.optional(),
  commissionHoldDays: SETTINGS.commissionHoldDays.optional(),
})
export type WhatIfInput = z.infer<typeof WhatIfInput>

const Compared = {
  /** Earned of these payments, less what was taken back. */
  paid: MoneyJson,
  would: MoneyJson,
  difference: MoneyJson,
  /** Of `would`: still held now. */
  waiting: MoneyJson,
}
export const WhatIf = z.object({
  from: z.string(),
  to: z.string(),
  /** Payments of referred customers in it. */
  payments: z.number(),
  /** Per currency. */
  totals: z.array(z.object(Compared)),
  /** Per affiliate and currency, the greatest difference first. */
  affiliates: z.array(z.object({ userId: z.string(), code: z.string(), name: z.string(), ...Compared })),
})
export type WhatIf = z.infer<typeof WhatIf>
