import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { Card, EmptyState, PageHeader, Pagination } from '~/components/ui'
import { CouponForm } from '~/features/affiliate/coupon-form'
import { couponInput } from '~/features/affiliate/coupon-input'
import { CouponTable } from '~/features/affiliate/coupon-table'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Your codes')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(
    await load(args, async (api) => ({
      page: await api.coupons.own({ limit: 50, cursor }),
      offered: await api.coupons.offered(),
      approved: (await api.affiliates.own())?.status === 'APPROVED',
    })),
  )
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { intent, id } = textFields(form, ['intent', 'id'])
  const { own, typed } = couponInput(form)
  const { coupons } = apiOf(context)
  try {
    if (intent === 'end') await coupons.endOwn({ id })
    else await coupons.makeOwn(own)
  } catch (error) {
    return formFailure(error, request, typed)
  }
  return redirect(withNotice(paths.coupons(), intent === 'end' ? 'code-ended' : 'code-made'))
}

const Codes = () => {
  const { page, offered, approved } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Your codes"
        description="Whoever enters one pays less, and is your customer from their first purchase on, if they have not paid here before and are nobody else’s. A code counts before a click at the same checkout."
        breadcrumb={[{ label: 'Affiliate Program', to: paths.affiliate() }]}
      />
      <Card flush>
        <CouponTable
          coupons={page.items}
          empty={
            <EmptyState title="No codes yet" action={null}>
              {offered === null
                ? 'Codes are made by an admin here. Ask for one.'
                : approved
                  ? 'Make one below, and tell people.'
                  : 'As soon as you are approved you can make one.'}
            </EmptyState>
          }
        />
        <Pagination nextCursor={page.nextCursor} />
      </Card>
      {offered !== null && approved && (
        <CouponForm
          failure={failure}
          title="Make a code"
          description={`At most ${Number(offered.percentage)} % off, ${offered.months === 0 ? 'the first payment only' : `for ${offered.months} months at most`}; ${offered.count} codes count at a time. What it takes off lowers what your own share is taken of.`}
          longest={offered.months}
        />
      )}
    </>
  )
}

export default Codes
