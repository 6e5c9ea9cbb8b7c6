import { and, eq, gte, inArray, isNull, lt, or, sum } from 'drizzle-orm'
import { payoutDocuments, payoutMethods, withdrawals } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { type Money, moneyFromJson, moneyToJson } from '../../kit/money'
import { minWithdrawalsOf } from '../affiliate'
import { decimal, getBalances } from '../balance'
import { type Program, programAt } from '../program'
import { openDetails } from './details'
import { checkPayable } from './payable'
import { hasTaxDetails, holdOf } from './queries'
import { feeOf, minimumWithdrawal, needsDocument, OPEN, yearOf } from './rules'
import type { RequestWithdrawalInput, WithdrawalQuote } from './schemas'

type MethodRow = typeof payoutMethods.$inferSelect

/**
 * What the signed-in user would get for an amount (minor units), and that nothing stands in the way of asking for it.
 * @throws DomainError 422 as `withdrawalTerms`; INSUFFICIENT_BALANCE.
 */
export const quoteWithdrawal = async (
  ctx: Context,
  input: RequestWithdrawalInput,
): Promise<WithdrawalQuote> => {
  const { userId } = signedIn(ctx)
  const asked = moneyFromJson(input)
  const { fee } = await withdrawalTerms(ctx, userId, asked)
  const balance = (await getBalances(ctx, userId)).find(({ currency }) => currency === asked.currency)
  if (balance === undefined || balance.balance.amount < input.amount)
    throw refused('INSUFFICIENT_BALANCE', 'The available balance does not cover this.')
  const { currency } = asked
  return {
    amount: moneyToJson(asked),
    fee: moneyToJson({ amount: fee, currency }),
    net: moneyToJson({ amount: asked.amount - fee, currency }),
    codeNeeded: needsCode(await programAt(ctx), asked),
  }
}

/** From the programme's limit on. */
export const needsCode = ({ secondFactorLimits }: Program, { amount, currency }: Money): boolean =>
  amount >= BigInt(secondFactorLimits[currency] ?? Number.MAX_SAFE_INTEGER)

/**
 * Under which terms an amount is withdrawn just now: to which details, for which fee (minor units).
 * @throws DomainError 422 BELOW_MINIMUM, NO_PAYOUT_METHOD, PAYOUT_METHOD_ON_HOLD, PAYOUT_DOCUMENT_REQUIRED,
 * FEE_ABOVE_AMOUNT, PAYOUT_ACCOUNT_NOT_READY, AMOUNT_NOT_PAYABLE, TAX_DETAILS_REQUIRED, asked in this order.
 */
export const withdrawalTerms = async (
  ctx: Context,
  userId: string,
  asked: Money,
): Promise<{ method: MethodRow; fee: bigint }> => {
  const program = await programAt(ctx)
  await checkMinimum(ctx, userId, asked)
  const method = await usableMethod(ctx, userId)
  await checkDocument(ctx, program, method)
  const fee = feeOf(program, method.kind, asked)
  if (fee >= asked.amount)
    throw refused(
      'FEE_ABOVE_AMOUNT',
      `The fee for being paid this way would be ${words(fee, asked)}: nothing would be left. Ask for more.`,
    )
  await checkPayable(ctx, method, { amount: asked.amount - fee, currency: asked.currency })
  await checkTax(ctx, program, userId, asked)
  return { method, fee }
}

const words = (amount: bigint, { currency }: Money): string =>
  `${decimal(moneyToJson({ amount, currency }))} ${currency}`

const checkMinimum = async (ctx: Context, userId: string, asked: Money): Promise<void> => {
  const minWithdrawals = await minWithdrawalsOf(ctx, userId)
  const least = minimumWithdrawal(ctx.config.minWithdrawal, asked.currency, { minWithdrawals })
  if (asked.amount < least)
    throw refused('BELOW_MINIMUM', `At least ${words(least, asked)} are paid out at a time.`)
}

const usableMethod = async (ctx: Context, userId: string): Promise<MethodRow> => {
  const [method] = await ctx.db
    .select()
    .from(payoutMethods)
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  if (method === undefined) throw refused('NO_PAYOUT_METHOD', 'Say first where you want to be paid.')
  const until = holdOf(method, ctx.now())
  if (until !== null)
    throw refused(
      'PAYOUT_METHOD_ON_HOLD',
      `Your payout details were changed: withdrawals are held until ${until}.`,
    )
  return method
}

const checkDocument = async (ctx: Context, program: Program, method: MethodRow): Promise<void> => {
  if (!needsDocument(program, openDetails(ctx, method.id, method.sealed))) return
  const [document] = await ctx.db
    .select({ id: payoutDocuments.id })
    .from(payoutDocuments)
    .where(eq(payoutDocuments.methodId, method.id))
    .limit(1)
  if (document === undefined)
    throw refused(
      'PAYOUT_DOCUMENT_REQUIRED',
      'To be paid this way a document is needed first, such as your bank’s confirmation of the account. Attach it to your payout details (/balance/payout-method).',
    )
}

/** Past the threshold: with this one, more than it within the calendar year. */
const checkTax = async (ctx: Context, program: Program, userId: string, asked: Money): Promise<void> => {
  const threshold = program.taxThresholds[asked.currency]
  if (threshold === undefined || (await hasTaxDetails(ctx, userId))) return
  const { from, to } = yearOf(ctx.now())
  const [known] = await ctx.db
    .select({ sum: sum(withdrawals.amount) })
    .from(withdrawals)
    .where(
      and(
        eq(withdrawals.userId, userId),
        eq(withdrawals.currency, asked.currency),
        or(
          inArray(withdrawals.status, [...OPEN]),
          and(eq(withdrawals.status, 'PAID'), gte(withdrawals.paidAt, from), lt(withdrawals.paidAt, to)),
        ),
      ),
    )
  if (BigInt(known?.sum ?? 0) + asked.amount > BigInt(threshold))
    throw refused(
      'TAX_DETAILS_REQUIRED',
      `With this you would be paid more than ${words(BigInt(threshold), asked)} this year, for which we need your tax details first. Fill them in under /balance/tax; then ask again.`,
    )
}
