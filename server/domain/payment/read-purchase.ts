import { and, eq } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import {
  listings,
  orders,
  organizations,
  payments,
  users,
  workspaceClones,
  workspaces,
} from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import type { Receipt } from './schemas'
import { soldWords } from './sold-words'

/**
 * One payment of the signed-in buyer, with all that belongs on a receipt.
 * @throws DomainError 404 PURCHASE_NOT_FOUND, for someone else's too
 */
export const readPurchase = async (ctx: Context, { id }: { id: string }): Promise<Receipt> => {
  const { userId } = signedIn(ctx)
  const row = z.uuid().safeParse(id).success ? await purchaseRow(ctx, id, userId) : undefined
  if (row === undefined) throw notFound('PURCHASE_NOT_FOUND', 'There is no such purchase.')
  const { payment, order, buyer, seller, clone, copy } = row
  const money = (amount: bigint) => moneyToJson({ amount, currency: payment.currency })
  return {
    id: payment.id,
    type: payment.type,
    status: payment.status,
    paidAt: payment.paidAt.toISOString(),
    amount: money(payment.capturedAmount),
    tax: money(payment.taxAmount),
    net: money(payment.baseAmount),
    refunded: money(payment.refundedAmount),
    buyer: {
      name: `${buyer.firstName} ${buyer.lastName}`.trim(),
      email: buyer.email,
      organization: row.buyerOrganization,
    },
    seller: seller === null ? '' : `${seller.firstName} ${seller.lastName}`.trim(),
    sellerOrganization: row.sellerOrganization ?? '',
    sold: order.addon === null ? (row.sold ?? '') : soldWords(order, null),
    offerMode: order.offerMode,
    planType: order.planType,
    provider: payment.provider,
    mode: payment.mode,
    reference: payment.externalId,
    workspace:
      copy === null || copy.status === 'DELETED'
        ? null
        : { id: copy.publicId, name: copy.name, slug: copy.slug },
    listing: row.listing,
    funnels: clone?.funnelsCloned ?? 0,
    pages: clone?.pagesCloned ?? 0,
  }
}

const purchaseRow = async (ctx: Context, id: string, userId: string) => {
  const buyers = alias(users, 'buyers')
  const sellers = alias(users, 'sellers')
  const buyerOrganizations = alias(organizations, 'buyer_organizations')
  const sellerOrganizations = alias(organizations, 'seller_organizations')
  const sources = alias(workspaces, 'sources')
  const copies = alias(workspaces, 'copies')
  const [row] = await ctx.db
    .select({
      payment: payments,
      order: orders,
      buyer: buyers,
      buyerOrganization: buyerOrganizations.name,
      seller: sellers,
      sellerOrganization: sellerOrganizations.name,
      sold: sources.name,
      listing: { slug: listings.slug, title: listings.title },
      clone: workspaceClones,
      copy: copies,
    })
    .from(payments)
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .innerJoin(buyers, eq(buyers.id, payments.buyerId))
    .innerJoin(buyerOrganizations, eq(buyerOrganizations.id, buyers.organizationId))
    .leftJoin(sellers, eq(sellers.id, payments.sellerId))
    .leftJoin(sellerOrganizations, eq(sellerOrganizations.id, sellers.organizationId))
    .leftJoin(sources, eq(sources.id, payments.workspaceId))
    .leftJoin(listings, eq(listings.id, orders.listingId))
    .leftJoin(workspaceClones, eq(workspaceClones.paymentId, payments.id))
    .leftJoin(copies, eq(copies.id, workspaceClones.copyWorkspaceId))
    .where(and(eq(payments.id, id), eq(payments.buyerId, userId)))
  return row
}
