import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { Alert, Card, FormErrors, PageHeader } from '~/components/ui'
import stylesheet from '~/features/billing/billing.css?url'
import { PlanCards } from '~/features/billing/plan-cards'
import { CouponBox } from '~/features/buying/coupon-box'
import { enteredCoupon } from '~/features/buying/entered-coupon.server'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Plans')
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const loader = async (args: LoaderFunctionArgs) => {
  const [plan, offers, entered] = await load(args, (api) =>
    Promise.all([api.payment.plan(), api.payment.planOffers(), enteredCoupon(api, args.request)]),
  )
  return json({ plan, offers, entered })
}

/** To the checkout of the chosen plan. Prices come from our side, never from the form. */
export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { plan, cycle, afterTrial, coupon } = textFields(form, ['plan', 'cycle', 'afterTrial', 'coupon'])
  try {
    const { url } = await apiOf(context).payment.createCheckoutSession({
      // Whatever else was sent is for the schema to judge.
      planType: plan as 'BUSINESS',
      billingCycle: cycle as 'MONTHLY',
      ...(coupon === '' ? {} : { coupon }),
      ...(afterTrial === 'on' ? { afterTrial: true } : {}),
    })
    return redirect(url, 303)
  } catch (error) {
    return formFailure(error, request)
  }
}

const Upgrade = () => {
  const { plan, offers, entered } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Plans"
        description="What you pay for is what you can make. You can cancel at any time; nothing of yours is ever deleted."
        breadcrumb={[{ label: 'Billing', to: paths.billing() }]}
      />
      <FormErrors
        failure={failure}
        labels={{ planType: 'Plan', billingCycle: 'Paid', coupon: 'Discount code' }}
      />
      {plan.source === 'INCLUDED' && (
        <Alert title="A plan is included in what you bought">
          You need none of these as long as that goes on and is enough.
        </Alert>
      )}
      <PlanCards plan={plan} offers={offers} coupon={entered.coupon?.code ?? null} />
      {plan.subscription === null && (
        <Card title="Somebody gave you a code?">
          <CouponBox entered={entered} />
        </Card>
      )}
    </>
  )
}

export default Upgrade
