import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Button,
  ButtonLink,
  Card,
  DescriptionList,
  FormErrors,
  InputField,
  PageHeader,
  SelectField,
  Time,
} from '~/components/ui'
import { CLASSIFICATIONS, isTaxForm, TAX_FORMS } from '~/features/money/tax'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { SetTaxDetailsInput } from '../../server/domain/payout/tax-schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Tax details')

export const loader = async (args: LoaderFunctionArgs) => {
  const { profile } = await load(args, (api) => api.payout.taxProfile())
  const asked = new URL(args.request.url).searchParams.get('form') ?? ''
  return json({ profile, form: isTaxForm(asked) ? asked : (profile?.form ?? 'W8BEN') })
}

const FIELDS = [
  'form',
  'country',
  'name',
  'businessName',
  'classification',
  'taxId',
  'address',
  'city',
  'region',
  'postalCode',
  'dateOfBirth',
  'signature',
] as const

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const values = textFields(form, FIELDS)
  try {
    await apiOf(context).payout.setTax({
      ...values,
      certified: form.get('certified') === 'yes',
    } as unknown as SetTaxDetailsInput)
  } catch (error) {
    // The tax id is not sent back into a page.
    return formFailure(error, request, { ...values, taxId: '' })
  }
  return redirect(withNotice(paths.tax(), 'tax-details-saved'))
}

const LABELS = {
  country: 'Country',
  name: 'Name',
  businessName: 'Name of the business',
  classification: 'Kind of taxpayer',
  taxId: 'Tax id',
  address: 'Street and number',
  city: 'City',
  region: 'State or province',
  postalCode: 'Postal code',
  dateOfBirth: 'Date of birth',
  signature: 'Your name, as signature',
  certified: 'Certification',
}

const Tax = () => {
  const { profile } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Tax details"
        description="Needed before you are paid more in a year than the tax office lets go unreported. Kept encrypted, and shown masked, to you too."
        breadcrumb={[{ label: 'Balance', to: paths.balance() }]}
        actions={<ButtonLink to={paths.payoutMethod()}>Payout details</ButtonLink>}
      />
      {profile !== null && (
        <Card title="On file">
          <DescriptionList
            items={[
              { term: 'Form', value: TAX_FORMS[profile.form] },
              { term: 'Tax id', value: profile.masked },
              { term: 'Country', value: profile.country },
              { term: 'Certified', value: <Time value={profile.createdAt} withTime /> },
            ]}
          />
        </Card>
      )}
      <FormChoice />
      <Details />
    </>
  )
}

export default Tax

const FormChoice = () => {
  const { form, profile } = useLoaderData<typeof loader>()
  return (
    <Card title={profile === null ? 'Who are you to the tax office?' : 'Replace them'}>
      <Form method="get" className="form" key={form}>
        <SelectField name="form" label="Form" defaultValue={form}>
          {Object.entries(TAX_FORMS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
        <div className="actions">
          <Button>Show its fields</Button>
        </div>
      </Form>
    </Card>
  )
}

const Details = () => {
  const { form } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const typed: Readonly<Record<string, string>> = failure?.values.form === form ? failure.values : {}
  const wrong: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const field = (name: keyof typeof LABELS) => ({
    name,
    label: LABELS[name],
    error: wrong[name],
    defaultValue: typed[name],
  })
  return (
    <Card title={TAX_FORMS[form]}>
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form" key={form} action={`${paths.tax()}?form=${form}`}>
        <input type="hidden" name="form" value={form} />
        <InputField {...field('name')} hint="As on your tax return." autoComplete="name" />
        {form !== 'W8BEN' && <InputField {...field('businessName')} hint="If it is another." optional />}
        {form === 'W9' && (
          <SelectField {...field('classification')}>
            {Object.entries(CLASSIFICATIONS).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
        )}
        <div className="form-pair">
          <InputField
            {...field('country')}
            defaultValue={typed.country ?? (form === 'W9' ? 'US' : '')}
            hint="Where you are taxed, as two letters: DE, AE, US."
            maxLength={2}
            autoComplete="country"
          />
          <InputField
            {...field('taxId')}
            hint={form === 'W9' ? 'SSN or EIN: nine digits.' : 'The number your tax office gave you.'}
            autoComplete="off"
          />
        </div>
        <InputField {...field('address')} autoComplete="street-address" />
        <div className="form-pair">
          <InputField {...field('city')} autoComplete="address-level2" />
          <InputField {...field('postalCode')} autoComplete="postal-code" optional />
        </div>
        <InputField {...field('region')} autoComplete="address-level1" optional />
        {form === 'W8BEN' && (
          <InputField {...field('dateOfBirth')} type="date" autoComplete="bday" optional />
        )}
        <InputField
          {...field('signature')}
          hint="Type it to certify, under the penalties for a false statement, that all of this is true. Today’s date is kept with it."
          autoComplete="off"
        />
        <div className="field">
          <label className="check">
            <input
              type="checkbox"
              id="certified"
              name="certified"
              value="yes"
              required
              aria-invalid={wrong.certified === undefined ? undefined : true}
            />{' '}
            I certify it
          </label>
          {wrong.certified !== undefined && <p className="field-error">{wrong.certified}</p>}
        </div>
        <div className="actions">
          <Button variant="primary" aria-busy={busy}>
            {busy ? 'Saving…' : 'Save tax details'}
          </Button>
          <ButtonLink to={paths.balance()}>Back to your balance</ButtonLink>
        </div>
      </Form>
    </Card>
  )
}
