import { randomUUID } from 'node:crypto'
import { and, count, eq } from 'drizzle-orm'
import { billingPortal, createCheckoutSession } from '../../server/domain/payment'
import type { CreateCheckoutSessionInput } from '../../server/domain/payment/schemas'
import { processWebhook, receiveWebhook } from '../../server/domain/webhook'
import { type Harness, PAYMENT } from '../../server/providers/sandbox/sandbox.harness'
import {
  jobs,
  mails,
  organizations,
  payments,
  sandboxDeliveries,
  subscriptions,
  webhookEvents,
} from '../schema'
import type { TestContext } from './context'
import { type MadeUser, makeUser } from './factories/identity'

/** Plans as people buy them: checkouts at the sandbox's hosted page, its events through the inbox. */
export const plansOf = (h: Harness, ctx: () => TestContext) => {
  let taken = 0
  const { db } = ctx()

  const allArrived = async () => {
    for (let left = 500; left > 0; left -= 1) {
      const [row] = await db
        .select({ n: count() })
        .from(sandboxDeliveries)
        .where(eq(sandboxDeliveries.delivered, false))
      if (row?.n === 0) return
      await new Promise((resume) => setTimeout(resume, 20))
    }
    throw new Error('the sandbox still has something to send')
  }

  /** Takes in what has come since, in the order of arrival unless said otherwise. */
  const deliver = async (order: (events: typeof h.received) => typeof h.received = (all) => all) => {
    await allArrived()
    const events = order(h.received.slice(taken))
    taken = h.received.length
    const ids: string[] = []
    for (const { body, headers } of events) {
      // What was signed before a test moved the clock is of that test.
      const taken = await receiveWebhook(ctx(), { provider: 'stripe', body, headers }).then(
        () => true,
        () => false,
      )
      if (!taken) continue
      const { id } = JSON.parse(body) as { id: string }
      const [row] = await db
        .select({ id: webhookEvents.id })
        .from(webhookEvents)
        .where(eq(webhookEvents.eventId, id))
      if (row !== undefined) ids.push(row.id)
    }
    // What depends on something that is not there yet comes round again, as the worker lets it.
    for (let tries = 0, left = ids; left.length > 0; tries += 1) {
      const again: string[] = []
      for (const id of left)
        await processWebhook(ctx(), id).catch((error: unknown) => {
          if (tries >= 5) throw error
          again.push(id)
        })
      left = again
    }
  }

  const open = async (
    user: MadeUser,
    more: Partial<CreateCheckoutSessionInput> = {},
    attempt: string | null = null,
  ) =>
    createCheckoutSession(ctx().as(user.actor), {
      planType: 'BUSINESS',
      billingCycle: 'MONTHLY',
      ...more,
      attempt,
    })

  const pay = async (url: string, fields: Record<string, string> = {}) => {
    const before = h.received.filter(({ type }) => type === 'checkout.session.completed').length
    const answer = await h.form(new URL(url).pathname, { ...PAYMENT, ...fields })
    if (answer.status !== 303) throw new Error(`not paid: ${answer.status} ${await answer.text()}`)
    await h.until('checkout.session.completed', before + 1)
    return answer.headers.get('location')
  }

  /** Moves the clock of subscriptions, and takes in what that made happen. */
  const advance = async (step: 'hour' | 'day' | 'week' | 'month' | 'year') => {
    await h.form(`/sandbox/clock/${step}/advance`, {})
    await deliver()
  }

  /** Pays with this card from now on. */
  const useCard = async (user: MadeUser, number: string) => {
    const { url } = await billingPortal(ctx().as(user.actor))
    await h.form(`${new URL(url ?? '').pathname}/card`, { ...PAYMENT, number })
    await deliver()
  }

  return {
    deliver,
    advance,
    useCard,
    open,
    pay,
    buyer: () => makeUser(ctx(), { trialEndsAt: new Date(ctx().now().getTime() - 1_000) }),

    /** Somebody on a plan, its first period paid. */
    subscribed: async (more: Partial<CreateCheckoutSessionInput> & { user?: MadeUser } = {}) => {
      const { user: given, ...terms } = more
      const user = given ?? (await makeUser(ctx(), { trialEndsAt: new Date(ctx().now().getTime() - 1_000) }))
      const { url } = await open(user, terms, randomUUID())
      await pay(url)
      await deliver()
      return user
    },
    planOf: async (user: MadeUser) =>
      db.query.subscriptions.findFirst({
        where: and(eq(subscriptions.organizationId, user.organizationId), eq(subscriptions.isPlan, true)),
        orderBy: (row, { desc }) => desc(row.createdAt),
      }),
    paidPlanOf: async (user: MadeUser) =>
      (await db.query.organizations.findFirst({ where: eq(organizations.id, user.organizationId) }))
        ?.paidPlan,
    paymentsOf: async (user: MadeUser) =>
      db
        .select()
        .from(payments)
        .where(eq(payments.buyerId, user.id))
        .orderBy(payments.createdAt, payments.id),
    mailsTo: async (address: string) =>
      (await db.select().from(mails).where(eq(mails.to, address)).orderBy(mails.createdAt)).map(
        ({ template }) => template,
      ),
    jobsOf: async (kind: string) =>
      (await db.select().from(jobs).where(eq(jobs.kind, kind))).map(({ payload }) => payload),
  }
}
