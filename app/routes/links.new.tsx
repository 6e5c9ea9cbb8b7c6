import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { type FormEvent, useState } from 'react'
import { Button, ButtonLink, Card, EmptyState, FormErrors, PageHeader, useHydrated } from '~/components/ui'
import { currencyChoices } from '~/features/selling/currencies.server'
import { EarningsPreview, offerIn } from '~/features/selling/earnings-preview'
import { LINK_FIELDS, LINK_LABELS, type LinkValues, readLinkForm } from '~/features/selling/link-form'
import { LimitFields, PriceFields, WhatFields } from '~/features/selling/link-form-fields'
import { NeedsAgency } from '~/features/selling/needs-agency'
import type { Plan } from '~/features/selling/offer-words'
import { parsePrice } from '~/features/selling/price'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Make a link')

export const loader = async (args: LoaderFunctionArgs) => {
  const chosen = new URL(args.request.url).searchParams.get('workspace') ?? ''
  const { terms, items, nextCursor } = await load(args, async (api) => ({
    terms: await api.affiliate.sellingTerms(),
    ...(await api.workspace.list({ limit: 100 })),
  }))
  // "Sell a copy" on an old workspace's page names one that the newest may not hold.
  const missing = nextCursor !== null && chosen !== '' && !items.some(({ id }) => id === chosen)
  const older = missing ? await load(args, (api) => api.workspace.get({ id: chosen })) : null
  const workspaces = [...(older === null ? [] : [older]), ...items].map(
    ({ id, name, status, notForResale }) => ({ id, name, status, notForResale }),
  )
  return json({ terms, workspaces, more: nextCursor !== null, chosen, currencies: currencyChoices() })
}

interface Preview {
  readonly preview: true
  readonly values: LinkValues
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const values = textFields(form, LINK_FIELDS)
  // Without scripts the sum is worked out here; nothing is made.
  if (form.get('intent') === 'preview') return json<Preview>({ preview: true, values })
  const { input, faults } = readLinkForm(values)
  if (faults !== undefined)
    return json<FormFailure>(
      { code: 'INVALID_INPUT', formError: 'Some of this is not valid.', fieldErrors: faults, values },
      { status: 400 },
    )
  try {
    const { id } = await apiOf(context).affiliate.generateAffiliateLink(input)
    return redirect(withNotice(paths.link(id), 'link-made'))
  } catch (error) {
    return formFailure(error, request, values, { LINK_NAME_TAKEN: 'name' })
  }
}

const NewLink = () => {
  const { terms, workspaces } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Make a link"
        description="Whoever opens it can buy a copy of the workspace. You keep the original."
        breadcrumb={[{ label: 'Links', to: paths.links() }]}
      />
      {terms.planType !== 'AGENCY' ? (
        <>
          <NeedsAgency planType={terms.planType} />
          <div className="actions">
            <ButtonLink to={paths.links()}>Back to your links</ButtonLink>
          </div>
        </>
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
        <LinkForm />
      )}
    </>
  )
}

export default NewLink

const LinkForm = () => {
  const { terms, workspaces, more, chosen, currencies } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const failure = answer !== undefined && 'formError' in answer ? answer : undefined
  const values: Partial<LinkValues> = answer?.values ?? { workspaceId: chosen }
  const errors: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const [typed, setTyped] = useState(values)
  const read = ({ currentTarget }: FormEvent<HTMLFormElement>) =>
    setTyped(textFields(new FormData(currentTarget), LINK_FIELDS))
  const hydrated = useHydrated()
  const busy = useNavigation().state === 'submitting'
  const { amount } = parsePrice(typed['offer.price.amount'] ?? '', typed['offer.price.currency'] ?? 'USD')
  const offer = offerIn(typed, amount)
  const plan = typed['offer.mode'] === 'SUBSCRIPTION' ? ((typed.planType || 'BUSINESS') as Plan) : 'FREE'
  return (
    <Form method="post" className="link-form" onChange={read}>
      <FormErrors failure={failure} labels={LINK_LABELS} />
      <div className="stack">
        <WhatFields values={values} errors={errors} workspaces={workspaces} more={more} />
        <PriceFields values={values} errors={errors} currencies={currencies} plans={terms.plans} />
        <LimitFields values={values} errors={errors} />
      </div>
      <div className="stack link-form-end">
        <EarningsPreview rate={terms.commissionPercentage} offer={offer} planType={plan} />
        <div className="actions">
          <Button variant="primary" name="intent" value="make" aria-busy={busy}>
            {busy ? 'Making…' : 'Make the link'}
          </Button>
          {!hydrated && (
            <Button name="intent" value="preview" formNoValidate>
              Work out what I earn
            </Button>
          )}
        </div>
      </div>
    </Form>
  )
}
