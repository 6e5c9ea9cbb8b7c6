import { newInvoicePayment, paidInvoice } from './billing-objects'
import type { CardOutcome } from './cards'
import { chargeIntent, declineIntent } from './charging'
import { emit } from './events'
import { newPaymentIntent, type Payer } from './payment-objects'
import { addObject, changeObject, findObject, listObjects } from './store'
import type { StripeObject, World } from './world'

export interface Means {
  readonly payer: Payer
  readonly paymentMethod: string
  readonly outcome: CardOutcome
}

export type Collected = 'paid' | 'declined' | 'authenticate'

/** What a subscription is charged with. */
export const meansOf = async (world: World, subscription: StripeObject): Promise<Means> => {
  const paymentMethod = String(subscription.default_payment_method)
  const method = await findObject(world, paymentMethod, 'payment_method')
  const kept = await findObject(world, `${paymentMethod}:card`)
  const details = (method?.billing_details ?? {}) as { email?: string; name?: string }
  const card = (method?.card ?? {}) as Record<string, unknown>
  return {
    paymentMethod,
    outcome: (kept?.outcome as CardOutcome | undefined) ?? { kind: 'pays' },
    payer: {
      email: details.email ?? '',
      name: details.name ?? '',
      card: {
        brand: String(card.brand ?? 'visa'),
        last4: String(card.last4 ?? '4242'),
        expMonth: Number(card.exp_month ?? 12),
        expYear: Number(card.exp_year ?? 2034),
      },
    },
  }
}

/** Tries to pay an open invoice; credit that covers it, or nothing to pay, is paid without a card. */
export const collect = async (
  world: World,
  invoice: StripeObject,
  means: Means,
): Promise<{ invoice: StripeObject; result: Collected }> => {
  if (Number(invoice.amount_due) === 0) return { invoice: await settle(world, invoice), result: 'paid' }
  const intent = await intentOf(world, invoice)
  const { outcome, payer, paymentMethod } = means
  if (outcome.kind === 'pays') {
    await chargeIntent(world, intent, payer, paymentMethod)
    const [payment] = await listObjects(world, {
      types: ['invoice_payment'],
      where: { invoice: invoice.id },
    })
    if (payment !== undefined)
      await emit(
        world,
        'invoice_payment.paid',
        await changeObject(world, payment, {
          ...newInvoicePayment(world, invoice, intent.id),
          id: payment.id,
        }),
      )
    return { invoice: await settle(world, invoice), result: 'paid' }
  }
  const tried = await changeObject(world, invoice, {
    attempted: true,
    attempt_count: Number(invoice.attempt_count) + 1,
  })
  if (outcome.kind === 'declines') {
    await declineIntent(world, intent, payer, paymentMethod, outcome.decline)
    return { invoice: tried, result: 'declined' }
  }
  const waiting = await changeObject(world, intent, {
    status: 'requires_action',
    payment_method: paymentMethod,
    next_action: {
      redirect_to_url: { return_url: null, url: String(invoice.hosted_invoice_url) },
      type: 'redirect_to_url',
    },
  })
  await emit(world, 'payment_intent.requires_action', waiting)
  await emit(world, 'invoice.payment_action_required', tried)
  return { invoice: tried, result: 'authenticate' }
}

const settle = async (world: World, invoice: StripeObject): Promise<StripeObject> => {
  const paid = await changeObject(world, invoice, paidInvoice(world, invoice))
  const customer = await findObject(world, String(invoice.customer), 'customer', { lock: true })
  if (customer !== null && customer.balance !== invoice.ending_balance)
    await emit(
      world,
      'customer.updated',
      await changeObject(world, customer, { balance: invoice.ending_balance }),
      { balance: customer.balance },
    )
  await emit(world, 'invoice.paid', paid)
  await emit(world, 'invoice.payment_succeeded', paid)
  return paid
}

/** The intent of an earlier try, or a new one. */
const intentOf = async (world: World, invoice: StripeObject): Promise<StripeObject> => {
  const [known] = await listObjects(world, { types: ['invoice_payment'], where: { invoice: invoice.id } })
  const name = (known?.payment as { payment_intent?: string } | undefined)?.payment_intent
  const earlier = name === undefined ? null : await findObject(world, name, 'payment_intent')
  if (earlier !== null) return earlier
  const intent = await addObject(
    world,
    newPaymentIntent(world, {
      amount: Number(invoice.amount_due),
      currency: String(invoice.currency),
      customer: String(invoice.customer),
      description: 'Subscription update',
      metadata: {},
    }),
  )
  await addObject(world, {
    ...newInvoicePayment(world, invoice, intent.id),
    amount_paid: null,
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  })
  await emit(world, 'payment_intent.created', intent)
  return intent
}
