import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Button, ButtonLink, Card, EmptyState, FormErrors, PageHeader, SelectField } from '~/components/ui'
import { WordFields } from '~/features/marketplace/listing-fields'
import {
  LISTING_FIELDS,
  LISTING_LABELS,
  type ListingValues,
  readListingForm,
} from '~/features/marketplace/listing-form'
import { currencyChoices } from '~/features/selling/currencies.server'
import { percent } from '~/features/selling/earnings'
import { PriceFields, unsellable } from '~/features/selling/link-form-fields'
import { NeedsAgency } from '~/features/selling/needs-agency'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Make a listing')

export const loader = async (args: LoaderFunctionArgs) => {
  const chosen = new URL(args.request.url).searchParams.get('workspace') ?? ''
  const { terms, workspaces, categories } = await load(args, async (api) => ({
    terms: await api.affiliate.sellingTerms(),
    workspaces: (await api.workspace.list({ limit: 100 })).items,
    categories: await api.marketplace.categories(),
  }))
  return json({
    terms,
    categories,
    chosen,
    currencies: currencyChoices(),
    workspaces: workspaces.map(({ id, name, status, notForResale }) => ({ id, name, status, notForResale })),
  })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const values = textFields(form, LISTING_FIELDS)
  const read = readListingForm(values)
  const faults = {
    ...read.faults,
    ...(values.workspaceId === '' ? { workspaceId: 'Choose what to sell.' } : {}),
  }
  if (read.faults !== undefined || values.workspaceId === '')
    return json<FormFailure>(
      { code: 'INVALID_INPUT', formError: 'Some of this is not valid.', fieldErrors: faults, values },
      { status: 400 },
    )
  const draft = form.get('intent') === 'draft'
  try {
    const { slug } = await apiOf(context).marketplace.create({
      workspaceId: values.workspaceId,
      ...read.words,
      ...read.terms,
      draft,
    })
    return redirect(withNotice(paths.ownListing(slug), draft ? 'listing-saved' : 'listing-submitted'))
  } catch (error) {
    return formFailure(error, request, values, { LISTING_EXISTS: 'offer.price.amount' })
  }
}

const NewListing = () => {
  const { terms, workspaces } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Make a listing"
        description="Everybody can find it on the marketplace once an admin has approved it. You keep the original."
        breadcrumb={[{ label: 'Listings', to: paths.listings() }]}
      />
      {terms.planType !== 'AGENCY' ? (
        <NeedsAgency planType={terms.planType} />
      ) : workspaces.length === 0 ? (
        <Card>
          <EmptyState
            title="No workspace to sell yet"
            action={
              <ButtonLink to={paths.workspaces()} variant="primary">
                Go to your workspaces
              </ButtonLink>
            }
          >
            Make one first, or bring one along as a file.
          </EmptyState>
        </Card>
      ) : (
        <ListingForm />
      )}
    </>
  )
}

export default NewListing

const ListingForm = () => {
  const { terms, workspaces, categories, chosen, currencies } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const values: Partial<ListingValues> = failure?.values ?? { workspaceId: chosen }
  const errors: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const busy = useNavigation().state === 'submitting'
  return (
    <Form method="post" className="stack">
      <FormErrors failure={failure} labels={LISTING_LABELS} />
      <Card title="What you sell">
        <SelectField
          name="workspaceId"
          label={LISTING_LABELS.workspaceId}
          hint="Buyers get a copy of its latest release, or of its state on the day they pay."
          error={errors.workspaceId}
          defaultValue={values.workspaceId ?? ''}
        >
          <option value="">Choose a workspace</option>
          {workspaces.map((workspace) => {
            const reason = unsellable(workspace)
            return (
              <option key={workspace.id} value={workspace.id} disabled={reason !== null}>
                {reason === null ? workspace.name : `${workspace.name} (${reason})`}
              </option>
            )
          })}
        </SelectField>
      </Card>
      <WordFields values={values} errors={errors} categories={categories} />
      <PriceFields values={values} errors={errors} currencies={currencies} plans={terms.plans} />
      <p className="muted">
        You earn {percent(terms.commissionPercentage)} of each payment, before tax. That rate is frozen into
        the listing now.
      </p>
      <div className="actions">
        <Button variant="primary" name="intent" value="submit" aria-busy={busy}>
          Hand in for review
        </Button>
        <Button name="intent" value="draft">
          Save as a draft
        </Button>
        <ButtonLink to={paths.listings()} variant="quiet">
          Cancel
        </ButtonLink>
      </div>
    </Form>
  )
}
