import { programAt } from '../../server/domain/program'
import { type Context, inTransaction, newId } from '../../server/kit/context'
import { affiliateCodes, affiliates, attributions } from '../schema'
import { REFERRED } from './people'
import { at } from './world'

/** Mira, who brought two customers. Their attribution is as old as their accounts. */
export const seedReferrals = async (ctx: Context, people: ReadonlyMap<string, string>): Promise<void> => {
  const joined = at(ctx, 105)
  const affiliateId = newId(joined)
  await inTransaction(joined, async ({ db }) => {
    await db.insert(affiliates).values({
      id: affiliateId,
      userId: idOf(people, 'mira@offshoot.example'),
      code: 'mira',
      status: 'APPROVED',
      createdAt: joined.now(),
    })
    await db.insert(affiliateCodes).values({ code: 'mira', affiliateId, createdAt: joined.now() })
  })
  const { referralCommissionPercentage, commissionHoldDays } = await programAt(ctx)
  for (const [email, daysAgo] of [
    [REFERRED[0], 84],
    [REFERRED[1], 62],
  ] as const)
    await ctx.db.insert(attributions).values({
      customerId: idOf(people, email),
      affiliateId,
      ratePercentage: referralCommissionPercentage,
      holdDays: commissionHoldDays,
      createdAt: at(ctx, daysAgo).now(),
    })
}

const idOf = (people: ReadonlyMap<string, string>, email: string): string => {
  const id = people.get(email)
  if (id === undefined) throw new Error(`there is no account ${email}`)
  return id
}
