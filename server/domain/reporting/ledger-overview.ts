import { sql } from 'drizzle-orm'
import { type Context, inSnapshot } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { platformBalances } from '../balance'
import { listProofs } from './proofs'
import type { LedgerOverview, Position } from './schemas'

/** What is owed to users, as it is named for them. */
const OWED = ['available', 'pending', 'withdrawing'] as const

/**
 * The books at a glance, of one moment: what the platform's accounts hold, what is owed to users, and the last 20 proofs.
 */
export const ledgerOverview = (ctx: Context): Promise<LedgerOverview> =>
  inSnapshot(ctx, async (snapshot) => ({
    positions: await positions(snapshot),
    runs: await listProofs(snapshot, 20),
  }))

const positions = async (ctx: Context): Promise<Position[]> => {
  const platform = await platformBalances(ctx)
  const owed = await ctx.db.execute<{ kind: string; currency: string; balance: string }>(sql`
    select kind, currency, sum(balance)::text balance from ledger_accounts where user_id is not null group by kind, currency`)
  const currencies = [...new Set([...platform, ...owed].map(({ currency }) => currency))].sort()
  return currencies.map((currency) => {
    const house = platform.filter((account) => account.currency === currency)
    const users = OWED.map((kind) => ({
      kind,
      name: '',
      balance: BigInt(owed.find((one) => one.kind === kind && one.currency === currency)?.balance ?? 0),
    }))
    const sum = [...house, ...users].reduce((total, { balance }) => total + balance, 0n)
    const told = ({ kind, name, balance }: { kind: string; name: string; balance: bigint }) => ({
      kind,
      name,
      balance: moneyToJson({ amount: balance, currency }),
    })
    return {
      currency,
      platform: house.map(told),
      owed: users.map(told),
      total: moneyToJson({ amount: sum, currency }),
    }
  })
}
