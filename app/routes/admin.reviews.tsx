import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Button,
  Card,
  DescriptionList,
  EmptyState,
  FormErrors,
  InputField,
  PageHeader,
  Pagination,
  TextareaField,
  Time,
} from '~/components/ui'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { ReviewView } from '../../server/domain/affiliate/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Attribution')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(await load(args, (api) => api.affiliates.allReviews({ limit: 20, cursor, status: 'OPEN' })))
}

const FIELDS = ['intent', 'id', 'answer', 'referralId', 'code', 'reason'] as const

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, ...typed } = textFields(await request.formData(), FIELDS)
  const { affiliates } = apiOf(context)
  try {
    if (intent === 'answer') await affiliates.answerReview({ id: typed.id, answer: typed.answer })
    else if (intent === 'move') {
      const { referralId, code, reason } = typed
      await affiliates.moveAttribution({ referralId, code, reason })
    } else throw new Response('There is no such button.', { status: 400 })
  } catch (error) {
    return formFailure(error, request, { intent, ...typed })
  }
  return redirect(
    withNotice(paths.admin('reviews'), intent === 'move' ? 'attribution-moved' : 'review-answered'),
  )
}

const LABELS = {
  answer: 'Answer',
  referralId: 'Id of the customer',
  code: 'Code of the affiliate who gets them',
  reason: 'Reason',
}

const Reviews = () => {
  const { items, nextCursor } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Attribution"
        description="What affiliates ask about who referred whom. A customer moves only here, with a reason that stays in the log."
      />
      <FormErrors failure={failure} labels={LABELS} />
      {items.length === 0 && (
        <EmptyState title="No question is open" action={null}>
          Affiliates ask from their page of referrals.
        </EmptyState>
      )}
      {items.map((review) => (
        <Review key={review.id} review={review} failure={failure} />
      ))}
      <Pagination nextCursor={nextCursor} />
      <Move failure={failure?.values.intent === 'move' ? failure : undefined} />
    </>
  )
}

export default Reviews

const Review = ({
  review,
  failure,
}: {
  readonly review: ReviewView
  readonly failure: FormFailure | undefined
}) => {
  const mine = failure?.values.id === review.id ? failure : undefined
  return (
    <Card title={`From ${review.affiliateCode}`}>
      <DescriptionList
        items={[
          { term: 'Asked', value: <Time value={review.createdAt} withTime /> },
          { term: 'Customer', value: review.referralId ?? 'Somebody they miss' },
          { term: 'They wrote', value: <p className="break">{review.message}</p> },
        ]}
      />
      <Form method="post" className="form">
        <input type="hidden" name="id" value={review.id} />
        <TextareaField
          name="answer"
          label={LABELS.answer}
          hint="Mailed to them."
          rows={3}
          maxLength={2_000}
          error={mine?.fieldErrors.answer}
          defaultValue={mine?.values.answer}
        />
        <div className="actions">
          <Button name="intent" value="answer">
            Answer
          </Button>
        </div>
      </Form>
    </Card>
  )
}

const Move = ({ failure }: { readonly failure: FormFailure | undefined }) => {
  const field = (name: 'referralId' | 'code' | 'reason') => ({
    name,
    label: LABELS[name],
    error: failure?.fieldErrors[name],
    defaultValue: failure?.values[name],
    autoComplete: 'off',
  })
  return (
    <Card
      title="Give a customer to another affiliate"
      description="Counts from their next payment on. What was earned stays with who earned it; rate and hold stay the customer’s."
    >
      <Form method="post" className="form">
        <InputField {...field('referralId')} />
        <InputField {...field('code')} />
        <InputField {...field('reason')} maxLength={500} />
        <div className="actions">
          <Button name="intent" value="move">
            Move the customer
          </Button>
        </div>
      </Form>
    </Card>
  )
}
