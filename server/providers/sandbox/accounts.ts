import { ApiError, badParameter, missing } from './api-error'
import { emit } from './events'
import type { NewAccount, NewAccountLink } from './parameters'
import { addObject, changeObject, findObject } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** Minutes an onboarding page may be gone to, once. */
const LINK_MINUTES = 5

/** What the payee still has to say, as Stripe calls it. */
const NEEDED = [
  'business_type',
  'external_account',
  'individual.verification.document',
  'tos_acceptance.date',
]

/** A payee's account, of which nothing is known yet but the address. */
export const createAccount = async (world: World, input: NewAccount): Promise<StripeObject> => {
  const { controller } = input
  if (controller.stripe_dashboard.type === 'express' && controller.losses.payments !== 'application')
    throw badParameter(
      'controller[losses][payments]',
      'When `controller[stripe_dashboard][type]=express`, you must set `controller[losses][payments]=application`.',
    )
  return addObject(world, newAccount(world, input))
}

/** What the payee did on the onboarding page. */
export type Onboarding = 'complete' | 'restricted'

/** @throws ApiError 404 */
export const changeAccount = async (world: World, id: string, state: Onboarding): Promise<StripeObject> => {
  const account = await findObject(world, id, 'account', { lock: true })
  if (account === null) throw missing('account', id, 'account')
  const before = { payouts_enabled: account.payouts_enabled, details_submitted: account.details_submitted }
  const changed = await changeObject(world, account, standing(state))
  await emit(world, 'account.updated', changed, before, id)
  return changed
}

/** An address at which the payee says who they are, once. */
export const createAccountLink = async (
  world: World,
  input: NewAccountLink,
): Promise<Record<string, unknown> & { object: string }> => {
  if ((await findObject(world, input.account, 'account')) === null)
    throw new ApiError(400, `No such account: '${input.account}'`, {
      code: 'resource_missing',
      param: 'account',
    })
  const token = newRef(world, 'acclink')
  const created = seconds(world.now())
  const link = { created, expires_at: created + LINK_MINUTES * 60, url: `${world.pagesUrl}/connect/${token}` }
  await addObject(world, {
    ...link,
    id: token,
    object: 'sandbox.account_link',
    account: input.account,
    return_url: input.return_url,
    refresh_url: input.refresh_url,
    used: false,
  })
  // Stripe says no id of it.
  return { object: 'account_link', ...link }
}

/** An onboarding page that can still be gone to; null: used or over. Locked until the transaction ends. */
export const openLink = async (
  world: World,
  token: string,
): Promise<{ link: StripeObject; open: boolean } | null> => {
  const link = await findObject(world, token, 'sandbox.account_link', { lock: true })
  return link && { link, open: link.used !== true && Number(link.expires_at) > seconds(world.now()) }
}

/** Whether money can be sent to it. */
export const takesTransfers = ({ capabilities }: StripeObject): boolean =>
  (capabilities as { transfers?: string }).transfers === 'active'

const newAccount = (world: World, input: NewAccount): StripeObject => ({
  id: newRef(world, 'acct').replace('acct_', 'acct_1').slice(0, 21),
  object: 'account',
  business_profile: { mcc: null, name: null, product_description: null, support_email: null, url: null },
  business_type: null,
  charges_enabled: false,
  controller: { ...input.controller, is_controller: true, type: 'application' },
  country: input.country ?? 'US',
  created: seconds(world.now()),
  default_currency: 'usd',
  email: input.email ?? null,
  external_accounts: { object: 'list', data: [], has_more: false, total_count: 0, url: '/v1/accounts' },
  future_requirements: requirements([], null),
  metadata: input.metadata ?? {},
  settings: { payouts: { debit_negative_balances: true, schedule: { delay_days: 2, interval: 'daily' } } },
  tos_acceptance: { date: null },
  type: 'none',
  ...standing('new'),
})

const standing = (state: Onboarding | 'new') => ({
  capabilities: { transfers: state === 'complete' ? 'active' : 'inactive' },
  details_submitted: state !== 'new',
  payouts_enabled: state === 'complete',
  requirements:
    state === 'complete'
      ? requirements([], null)
      : state === 'restricted'
        ? requirements(['individual.verification.document'], 'requirements.past_due')
        : requirements(NEEDED, 'requirements.past_due'),
})

const requirements = (due: readonly string[], reason: string | null) => ({
  alternatives: [],
  current_deadline: null,
  currently_due: due,
  disabled_reason: reason,
  errors: [],
  eventually_due: due,
  past_due: due,
  pending_verification: [],
})
