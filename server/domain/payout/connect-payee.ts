import { and, eq, isNull } from 'drizzle-orm'
import { connectedAccounts, payoutMethods, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { confirmPassword } from '../identity'
import {
  type AccountRow,
  ownAccount,
  type PayeeProvider,
  payeeProvider,
  readBackAccount,
  toAccountView,
  writeAccount,
} from './payee-account'
import type { ConnectPayeeInput, ConnectPayeeResult, PayeeAccountView } from './schemas'
import { putPayoutMethod } from './set-payout-method'

/**
 * Leads the signed-in user to their own account at Stripe, making it when they have none. Once Stripe pays to it, it is
 * put on file; before that only where nothing else is, so that whoever gives up half-way is paid as before.
 * @throws DomainError 403 WRONG_PASSWORD; 422 STRIPE_OFF, PROVIDER_REFUSED; 503 PROVIDER_UNAVAILABLE, BUSY.
 */
export const connectPayee = async (
  ctx: Context,
  { password }: ConnectPayeeInput,
): Promise<ConnectPayeeResult> => {
  await confirmPassword(ctx, password)
  const { userId } = signedIn(ctx)
  const provider = payeeProvider(ctx)
  if (provider === null)
    throw refused('STRIPE_OFF', 'Stripe pays nobody here at present. Choose another way to be paid.')
  const { externalId } = (await ownAccount(ctx, provider)) ?? (await makeAccount(ctx, provider))
  const row = await readBack(ctx, provider, externalId)
  if (row.payoutsEnabled || !(await hasMethod(ctx, userId)))
    await putPayoutMethod(ctx, { kind: 'STRIPE', details: { account: externalId } }, { confirmed: true })
  if (row.payoutsEnabled) return { account: toAccountView(row), url: null }
  const page = `${ctx.config.appUrl}/balance/payout-method?kind=STRIPE`
  const url = await provider.payouts.payees.onboardingUrl({
    ref: externalId,
    returnUrl: `${page}&stripe=returned`,
    refreshUrl: `${page}&stripe=expired`,
  })
  return { account: toAccountView(row), url }
}

/**
 * How the signed-in user's account at Stripe stands, asked anew; null: they have none.
 * @throws DomainError 503 PROVIDER_UNAVAILABLE.
 */
export const checkPayee = async (ctx: Context): Promise<PayeeAccountView | null> => {
  const provider = payeeProvider(ctx)
  const row = provider === null ? undefined : await ownAccount(ctx, provider)
  return provider === null || row === undefined
    ? null
    : toAccountView(await readBack(ctx, provider, row.externalId))
}

/** Twice at once, or again after a crash, it is the same account: the key is the user's. */
const makeAccount = async (ctx: Context, provider: PayeeProvider): Promise<AccountRow> => {
  const { userId } = signedIn(ctx)
  const [user] = await ctx.db.select({ email: users.email }).from(users).where(eq(users.id, userId))
  if (user === undefined) throw new Error(`user ${userId} is gone`)
  const made = await provider.payouts.payees.create({
    email: user.email,
    // With other parameters it would have to be another key.
    idempotencyKey: `payee:${userId}:${sha256(user.email).toString('hex').slice(0, 16)}`,
  })
  await inTransaction(ctx, async (tx) => {
    const now = tx.now()
    const [row] = await tx.db
      .insert(connectedAccounts)
      .values({
        id: newId(tx),
        userId,
        provider: provider.name,
        mode: provider.mode,
        externalId: made.ref,
        detailsSubmitted: made.detailsSubmitted,
        payoutsEnabled: made.payoutsEnabled,
        createdAt: now,
        updatedAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: connectedAccounts.id })
    if (row !== undefined)
      await recordActivity(tx, {
        action: 'payee_account_made',
        description: 'An account to be paid to was made at Stripe',
        subject: { type: 'connected_account', id: row.id },
      })
  })
  const row = await ownAccount(ctx, provider)
  if (row === undefined) throw new Error(`the account of user ${userId} belongs to somebody else`)
  return row
}

const hasMethod = async (ctx: Context, userId: string): Promise<boolean> => {
  const [method] = await ctx.db
    .select({ id: payoutMethods.id })
    .from(payoutMethods)
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  return method !== undefined
}

const readBack = async (ctx: Context, provider: PayeeProvider, ref: string): Promise<AccountRow> => {
  const { account, askedAt } = await readBackAccount(ctx, provider.payouts.payees, ref)
  await inTransaction(ctx, (tx) => writeAccount(tx, provider, account, askedAt))
  const row = await ownAccount(ctx, provider)
  if (row === undefined) throw new Error(`account ${ref} is gone`)
  return row
}
