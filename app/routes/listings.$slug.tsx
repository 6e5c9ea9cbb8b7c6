import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Alert, Badge, Button, ButtonLink, Card, Confirm, FormErrors, PageHeader } from '~/components/ui'
import { WordFields } from '~/features/marketplace/listing-fields'
import {
  LISTING_FIELDS,
  LISTING_LABELS,
  listingValues,
  readListingForm,
} from '~/features/marketplace/listing-form'
import { LISTING_STATUS } from '~/features/marketplace/states'
import { currencyChoices } from '~/features/selling/currencies.server'
import { PriceFields } from '~/features/selling/link-form-fields'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { type Notice, withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.listing.title ?? 'Listing')

export const loader = async (args: LoaderFunctionArgs) => {
  const slug = args.params.slug ?? ''
  const { listing, categories, terms } = await load(args, async (api) => {
    const terms = await api.affiliate.sellingTerms()
    return {
      terms,
      listing: await api.marketplace.listing({ slug }),
      categories: await api.marketplace.categories(),
    }
  })
  if (listing.own === null) throw new Response('There is no such listing.', { status: 404 })
  return json({ listing, categories, plans: terms.plans, currencies: currencyChoices() })
}

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const form = await request.formData()
  const intent = String(form.get('intent'))
  const slug = params.slug ?? ''
  const { marketplace } = apiOf(context)
  const go = (notice: Notice) => redirect(withNotice(paths.ownListing(slug), notice))
  const values = textFields(form, LISTING_FIELDS)
  try {
    switch (intent) {
      case 'submit':
        await marketplace.submit({ slug })
        return go('listing-submitted')
      case 'withdraw':
        await marketplace.withdraw({ slug })
        return go('listing-withdrawn')
      case 'pause':
        await marketplace.pause({ slug })
        return go('listing-paused')
      case 'resume':
        await marketplace.resume({ slug })
        return go('listing-resumed')
      case 'save': {
        const read = readListingForm(values)
        if (read.faults !== undefined)
          return json<FormFailure>(
            {
              code: 'INVALID_INPUT',
              formError: 'Some of this is not valid.',
              fieldErrors: read.faults,
              values,
            },
            { status: 400 },
          )
        const { status } = await marketplace.edit({ slug, ...read.words, ...read.terms })
        return go(status === 'SUBMITTED' ? 'listing-submitted' : 'listing-saved')
      }
      default:
        throw new Response('There is no such button.', { status: 400 })
    }
  } catch (error) {
    return formFailure(error, request, values, { LISTING_EXISTS: 'offer.price.amount' })
  }
}

const OwnListing = () => {
  const { listing } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { words, tone } = LISTING_STATUS[listing.status]
  return (
    <>
      <PageHeader
        title={listing.title}
        breadcrumb={[{ label: 'Listings', to: paths.listings() }]}
        actions={<ButtonLink to={paths.listing(listing.slug)}>See its page</ButtonLink>}
      />
      <FormErrors failure={failure} labels={LISTING_LABELS} />
      <Card title="State" actions={<Badge tone={tone}>{words}</Badge>}>
        <State />
      </Card>
      {listing.status === 'SUBMITTED' ? null : <EditForm />}
    </>
  )
}

export default OwnListing

const State = () => {
  const { listing } = useLoaderData<typeof loader>()
  const { status } = listing
  return (
    <div className="stack">
      <p>{LISTING_STATUS[status].meaning}</p>
      {listing.own?.reason && (
        <Alert tone="warning" title="Why">
          {listing.own.reason}
        </Alert>
      )}
      <Form method="post" className="actions">
        {(status === 'DRAFT' || status === 'REJECTED' || status === 'SUSPENDED') && (
          <Button variant="primary" name="intent" value="submit">
            Hand in for review
          </Button>
        )}
        {status === 'SUBMITTED' && (
          <Button name="intent" value="withdraw">
            Withdraw
          </Button>
        )}
        {status === 'PAUSED' && (
          <Button variant="primary" name="intent" value="resume">
            Resume
          </Button>
        )}
      </Form>
      {status === 'LIVE' && (
        <Confirm
          label="Pause"
          question={
            <p>
              Nobody can find it or begin to buy it until you resume it. A checkout that is open can still be
              paid.
            </p>
          }
        >
          <Form method="post">
            <Button variant="danger" name="intent" value="pause">
              Pause it now
            </Button>
          </Form>
        </Confirm>
      )}
    </div>
  )
}

const EditForm = () => {
  const { listing, categories, plans, currencies } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const values = failure?.values.title ? failure.values : listingValues(listing)
  const errors: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const busy = useNavigation().state === 'submitting'
  return (
    <Form method="post" className="stack">
      {listing.status === 'LIVE' && (
        <Alert title="What is reviewed again">
          Another title, line, description or category takes the listing off the market until an admin has
          approved it anew. Price, tags, language and what is new change at once; who has a checkout open pays
          what it says.
        </Alert>
      )}
      <WordFields values={values} errors={errors} categories={categories} />
      <PriceFields values={values} errors={errors} currencies={currencies} plans={plans} />
      <div className="actions">
        <Button variant="primary" name="intent" value="save" aria-busy={busy}>
          Save
        </Button>
      </div>
    </Form>
  )
}
