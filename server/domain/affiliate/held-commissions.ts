import { aliasedTable, and, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { commissions, payments, type Suspicion, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { isUuid } from './affiliate-queries'
import { maskEmail } from './rules'
import type { HeldCommission, HeldCommissionsInput } from './schemas'

/**
 * The shares that look like self-referrals, newest first, with what speaks for it; for admins. Of those still to be
 * judged, the ones of which something is left.
 * @throws DomainError 400 for a cursor of another list.
 */
export const listHeldCommissions = async (
  ctx: Context,
  { limit, cursor, state }: HeldCommissionsInput,
): Promise<Page<HeldCommission>> => {
  const last = readCursor(cursor)
  if (last !== null && !isUuid(last.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await heldWhere(
    ctx,
    and(
      state === 'HELD'
        ? and(
            isNull(commissions.verdict),
            // Of a payment that was given back whole there is nothing to decide, unless that refund fails.
            sql`${commissions.reversedAmount} < ${commissions.amount}`,
          )
        : eq(commissions.verdict, state),
      last === null
        ? undefined
        : sql`(${commissions.createdAt}, ${commissions.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`,
    ),
  )
    .orderBy(desc(commissions.createdAt), desc(commissions.id))
    .limit(limit + 1)
  return toPage(rows, limit, ({ commission }) => ({ at: commission.createdAt, id: commission.id }), toView)
}

/** One of them. @throws DomainError 404 COMMISSION_NOT_FOUND */
export const readHeldCommission = async (ctx: Context, id: string): Promise<HeldCommission> => {
  const [row] = await heldWhere(ctx, eq(commissions.id, id))
  if (row === undefined) throw notFound('COMMISSION_NOT_FOUND', 'There is no such commission to judge.')
  return toView(row)
}

const buyers = aliasedTable(users, 'buyers')

const heldWhere = (ctx: Context, where: SQL | undefined) =>
  ctx.db
    .select({
      commission: commissions,
      beneficiary: users,
      buyer: buyers,
      paidAt: payments.paidAt,
      /** The referral of the same payment, while it is to be judged. */
      referralId: sql<
        string | null
      >`(select r.id from ${commissions} r where r.payment_id = ${commissions.paymentId}
        and r.kind = 'REFERRAL' and r.suspicion is not null and r.verdict is null and ${commissions.kind} = 'OVERRIDE')`,
    })
    .from(commissions)
    .innerJoin(users, eq(users.id, commissions.beneficiaryId))
    .innerJoin(payments, eq(payments.id, commissions.paymentId))
    .innerJoin(buyers, eq(buyers.id, payments.buyerId))
    .where(and(isNotNull(commissions.suspicion), where))

type Row = Awaited<ReturnType<typeof heldWhere>>[number]

const toView = ({ commission: row, beneficiary, buyer, paidAt, referralId }: Row): HeldCommission => {
  const money = (amount: bigint) => moneyToJson({ amount, currency: row.currency })
  return {
    id: row.id,
    kind: row.kind,
    state: row.verdict ?? 'HELD',
    reason: row.verdictReason,
    judgedAt: row.judgedAt?.toISOString() ?? null,
    amount: money(row.amount),
    net: money(row.amount - row.reversedAmount),
    earner: {
      id: beneficiary.id,
      name: `${beneficiary.firstName} ${beneficiary.lastName}`,
      email: maskEmail(beneficiary.email),
    },
    customer: { id: buyer.id, email: maskEmail(buyer.email) },
    paymentId: row.paymentId ?? '',
    paidAt: paidAt.toISOString(),
    evidence: (row.suspicion ?? []).map(({ rule, found }) => ({
      rule,
      words: WORDS[rule](maskEmail(beneficiary.email)),
      found: found ?? null,
    })),
    judgedWith: referralId,
  }
}

/** What is equal to what. */
const WORDS: Readonly<Record<Suspicion['rule'], (email: string) => string>> = {
  PAYER_EMAIL: (email) => `The payer’s e-mail address is the mailbox of who earns (${email}).`,
  PAYMENTS_EMAIL: () =>
    'The payer’s e-mail address is the one that who earns gave to be written to about payments.',
  SAME_CARD: () => 'It was paid with a card with which who earns has paid for something of their own.',
  SELLERS_WORKSPACE: () => 'The buyer works in a workspace of the seller.',
  SHARED_WORKSPACE: () => 'The buyer and who earns work in the same workspace.',
  EARLIER_PAYMENT: () => 'An earlier payment of the same customer was refused, or still waits.',
  REFERRAL_HELD: () => 'The referral on which it hangs is held.',
}
