import { and, eq } from 'drizzle-orm'
import { orders } from '../../../db/schema'
import type { Context } from '../../kit/context'

type Order = Pick<typeof orders.$inferSelect, 'createdAt' | 'expiresAt'>

const DAY = 86_400_000
/** How long a bank may take. */
const PATIENCE = 14 * DAY

/** A checkout that was completed and is paid later by a bank: its order stays open for as long as that may take. */
export const awaitBank = async (ctx: Context, orderId: string): Promise<void> => {
  await ctx.db
    .update(orders)
    .set({ expiresAt: new Date(ctx.now().getTime() + PATIENCE) })
    .where(and(eq(orders.id, orderId), eq(orders.status, 'OPEN')))
}

/** No checkout is open for so long by itself. */
export const awaitsBank = ({ createdAt, expiresAt }: Order): boolean =>
  expiresAt.getTime() - createdAt.getTime() > 2 * DAY
