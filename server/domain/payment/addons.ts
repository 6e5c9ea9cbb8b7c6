import { and, asc, eq, gt, isNotNull, ne, or } from 'drizzle-orm'
import { z } from 'zod'
import { subscriptions } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { addonWords } from '../../kit/plans'
import { providerOf, setCancellation } from './change-subscription'
import type { Subscription } from './plan-subscription'
import type { AddonAddress, CurrentPlan, ProviderPage } from './schemas'

/** The add-ons that an organization pays for, and those that stay as they are paid; oldest first. */
export const addonsOf = async (ctx: Context, organizationId: string): Promise<CurrentPlan['addons']> => {
  const rows = await ctx.db
    .select()
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        isNotNull(subscriptions.addon),
        or(ne(subscriptions.status, 'CANCELLED'), gt(subscriptions.planStaysUntil, ctx.now())),
      ),
    )
    .orderBy(asc(subscriptions.createdAt), asc(subscriptions.id))
  return rows.flatMap((row) =>
    row.addon === null
      ? []
      : [
          {
            id: row.id,
            addon: row.addon,
            quantity: row.quantity ?? 1,
            words: addonWords(row.addon, row.quantity ?? 1),
            status: row.status,
            entitled: row.entitled,
            price: moneyToJson({ amount: row.priceAmount ?? 0n, currency: row.priceCurrency ?? 'USD' }),
            periodEnd: (row.planStaysUntil ?? row.currentPeriodEnd)?.toISOString() ?? null,
            ends: row.cancelAtPeriodEnd || row.status === 'CANCELLED',
            provider: row.provider,
            canChange:
              row.status !== 'CANCELLED' && ctx.outside.payments.get(row.provider)?.billing !== undefined,
          },
        ],
  )
}

/**
 * Lets one of the signed-in person's add-ons end with its period, or go on after all.
 * @throws DomainError 404 ADDON_NOT_FOUND, 422 NOT_CHANGEABLE, 503 PROVIDER_UNAVAILABLE
 */
export const setAddonCancellation = async (
  ctx: Context,
  { id, cancel }: AddonAddress & { readonly cancel: boolean },
): Promise<void> => setCancellation(ctx, await runningAddon(ctx, id), cancel)

/**
 * Where an invoice of an add-on that could not be charged is paid by hand. Null: none is open.
 * @throws DomainError as `setAddonCancellation`
 */
export const openAddonInvoice = async (ctx: Context, { id }: AddonAddress): Promise<ProviderPage> => {
  const row = await runningAddon(ctx, id)
  return { url: await providerOf(ctx, row).billing.openInvoiceUrl(row.externalId) }
}

const runningAddon = async (ctx: Context, id: string): Promise<Subscription> => {
  const { organizationId } = signedIn(ctx)
  const row = z.uuid().safeParse(id).success
    ? await ctx.db.query.subscriptions.findFirst({
        where: and(
          eq(subscriptions.id, id),
          eq(subscriptions.organizationId, organizationId),
          isNotNull(subscriptions.addon),
          ne(subscriptions.status, 'CANCELLED'),
        ),
      })
    : undefined
  if (row === undefined) throw notFound('ADDON_NOT_FOUND', 'There is no such add-on.')
  return row
}
