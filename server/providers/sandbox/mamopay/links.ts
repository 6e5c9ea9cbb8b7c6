import { z } from 'zod'
import { fromDecimal } from '../../mamopay/decimals'
import type { World } from '../world'
import { presentCharge } from './charges'
import { tell } from './events'
import { addMamo, changeMamo, findMamo, listMamo } from './store'
import { newSubscription, SubscriptionTerms } from './subscriptions'
import { MamoError, type MamoObject, newMamoRef, unknownRecord, unprocessable } from './world'

const Address = z.url({ protocol: /^https?$/ }).nullish()
const Text = z.string().max(255).nullish()

/** As the interface documents it; what it does not know it drops without a word. */
const LinkInput = z.object({
  title: z.string().min(1).max(50),
  description: z.string().max(75).nullish(),
  amount: z.number().min(0).nullish(),
  amount_currency: z.enum(['AED', 'USD', 'EUR', 'GBP', 'SAR']).default('AED'),
  capacity: z.int().min(1).nullish(),
  active: z.boolean().default(true),
  return_url: Address,
  failure_return_url: Address,
  terms_and_conditions_url: Address,
  processing_fee_percentage: z.number().min(0).max(100).default(0),
  link_type: z.enum(['standalone', 'modal', 'inline']).default('standalone'),
  enable_tabby: z.boolean().default(false),
  enable_message: z.boolean().default(false),
  enable_tips: z.boolean().default(false),
  enable_customer_details: z.boolean().default(false),
  enable_quantity: z.boolean().default(false),
  enable_qr_code: z.boolean().default(false),
  send_customer_receipt: z.boolean().default(false),
  save_card: z.enum(['off', 'optional', 'required']).default('off'),
  hold_and_charge_later: z.boolean().default(false),
  payment_methods: z.array(z.string()).default(['card', 'wallet']),
  first_name: Text,
  last_name: Text,
  email: Text,
  external_id: Text,
  custom_data: z.record(z.string(), z.unknown()).default({}),
  subscription: SubscriptionTerms.nullish(),
  subscription_id: z.string().nullish(),
})
type LinkInput = z.infer<typeof LinkInput>

/** @throws MamoError 422, and 500 for a subscription that is none, as the real one does. */
export const createLink = async (world: World, body: unknown): Promise<MamoObject> => {
  if ((body as { subscription?: unknown } | null)?.subscription === true)
    throw new MamoError(500, { status: 500, error: 'Internal Server Error' })
  const input = checked(LinkInput, body)
  checkAmount(input)
  const subscription = await subscriptionOf(world, input)
  const id = newMamoRef(world, 'MB-LINK')
  const { subscription_id: _, subscription: __, ...given } = input
  const link = await addMamo(world, 'link', {
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? null])),
    id,
    name: input.title,
    platform: 'client',
    prefilled_customer: {},
    internal_note: null,
    lang: 'en',
    expiration_date: null,
    is_widget: false,
    max_amount: null,
    processing_fee_amount: null,
    rules: { allowed: [] },
    payouts_share: null,
    payment_url: `${world.pagesUrl}/mamopay/pay/${id}`,
    subscription,
    // Who is at the 3-D Secure step.
    _pending: null,
  })
  const { _pending, ...told } = link
  await tell(world, 'payment_link.create', told)
  return link
}

/** A link as it is answered; read by its id, with the charges made with it. */
export const presentLink = async (world: World, link: MamoObject, withCharges: boolean) => {
  const { _pending, ...shown } = link
  if (!withCharges) return shown
  const charges = await listMamo(world, 'charge', { payment_link_id: link.id })
  return { ...shown, charges: charges.map((charge) => presentCharge(charge, 'listed')) }
}

export const linkOf = async (world: World, id: string, lock = false): Promise<MamoObject> => {
  const link = await findMamo(world, 'link', id, { lock })
  if (link === null) throw unknownRecord('Merchant::Link')
  return link
}

export const changeLink = async (world: World, id: string, body: unknown): Promise<MamoObject> => {
  const link = await linkOf(world, id, true)
  const given = checked(LinkInput.partial().omit({ subscription: true, subscription_id: true }), body)
  // Only what was sent: a default stands for what is made, not for what is changed.
  const sent = Object.entries(given).filter(([name]) => name in (body as object))
  const changes = Object.fromEntries(sent)
  checkAmount({ ...(link as unknown as LinkInput), ...changes })
  return changeMamo(world, link, changes)
}

const checkAmount = (input: Pick<LinkInput, 'amount' | 'amount_currency' | 'save_card'>): void => {
  const amount = fromDecimal(input.amount ?? 0, input.amount_currency)
  if (amount === null) throw unprocessable('Amount is invalid')
  const onlyCard = amount === 0n && input.save_card === 'required'
  if (amount < 200n && !onlyCard) throw unprocessable('Amount must be greater than 2.00', 'VALIDATION_ERROR')
}

const subscriptionOf = async (world: World, input: LinkInput) => {
  if (input.subscription_id != null) {
    const known = await findMamo(world, 'subscription', input.subscription_id)
    if (known === null) throw unknownRecord('Subscription')
    return known.terms
  }
  return input.subscription == null ? null : (await newSubscription(world, input.subscription)).terms
}

/** @throws MamoError 422 with the fields that are wrong. */
export const checked = <S extends z.ZodType>(schema: S, body: unknown): z.infer<S> => {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const errors: Record<string, string[]> = {}
  for (const issue of result.error.issues) {
    const field = String(issue.path[0] ?? 'base')
    errors[field] = [...(errors[field] ?? []), issue.message]
  }
  const messages = Object.entries(errors).flatMap(([field, said]) =>
    said.map((message) => `${field.charAt(0).toUpperCase()}${field.slice(1)}: ${message}`),
  )
  throw unprocessable(messages.join('. '), 'VALIDATION_FAILED', errors)
}
