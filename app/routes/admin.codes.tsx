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
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Codes')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json({ page: await load(args, (api) => api.coupons.list({ limit: 50, cursor })) })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { intent, id } = textFields(form, ['intent', 'id'])
  const { admin, typed, faults } = couponInput(form)
  if (intent !== 'end' && Object.keys(faults).length > 0)
    return json<FormFailure>(
      { code: 'INVALID_INPUT', formError: 'Some of this is not valid.', fieldErrors: faults, values: typed },
      { status: 400 },
    )
  const { coupons } = apiOf(context)
  try {
    if (intent === 'end') await coupons.end({ id })
    else await coupons.make(admin)
  } catch (error) {
    return formFailure(error, request, typed, { AFFILIATE_NOT_FOUND: 'affiliate' })
  }
  return redirect(withNotice(paths.admin('codes'), intent === 'end' ? 'code-ended' : 'code-made'))
}

const Codes = () => {
  const { page } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Codes"
        description="A code lowers a price and says which affiliate sent the buyer. What it takes off lowers the payment itself: of a workspace the seller, the affiliate and the platform each bear it by their share."
      />
      <Card flush title="Codes there are">
        <CouponTable
          coupons={page.items}
          withOwner
          empty={
            <EmptyState title="No codes yet" action={null}>
              Give an affiliate one below. Whether they make their own is a setting of the programme.
            </EmptyState>
          }
        />
        <Pagination nextCursor={page.nextCursor} />
      </Card>
      <CouponForm
        failure={failure}
        admin
        title="Give an affiliate a code"
        description="Its terms cannot be changed afterwards: end it and make another."
      />
    </>
  )
}

export default Codes
