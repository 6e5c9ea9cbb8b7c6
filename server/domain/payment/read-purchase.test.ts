import { expect, it } from 'vitest'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makePayment, makeSeller } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { readPurchase } from '.'

const database = useDatabase()

it('is a receipt for the buyer whose parts add up, and not there for anyone else, the seller included', async () => {
  const ctx = testContext(database.db)
  const seller = await makeSeller(ctx)
  const buyer = await makeUser(ctx)
  const { id: workspaceId } = await makeBareWorkspace(ctx, seller.id, { name: 'Kit' })
  const { id } = await makePayment(ctx, {
    buyerId: buyer.id,
    sellerId: seller.id,
    workspaceId,
    baseAmount: 10_000n,
    taxAmount: 500n,
  })
  expect(await readPurchase(ctx.as(buyer.actor), { id })).toMatchObject({
    id,
    sold: 'Kit',
    amount: { amount: 10_500, currency: 'USD' },
    net: { amount: 10_000, currency: 'USD' },
    tax: { amount: 500, currency: 'USD' },
    refunded: { amount: 0, currency: 'USD' },
    buyer: { email: buyer.email },
    workspace: null,
  })
  for (const [actor, which] of [
    [seller.actor, id],
    [buyer.actor, 'nonsense'],
  ] as const)
    await expect(readPurchase(ctx.as(actor), { id: which })).rejects.toMatchObject({
      status: 404,
      code: 'PURCHASE_NOT_FOUND',
    })
})
