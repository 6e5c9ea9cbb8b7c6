import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  DescriptionList,
  FormErrors,
  InputField,
  PageHeader,
  SelectField,
  TextareaField,
  Time,
} from '~/components/ui'
import { StripeAccount } from '~/features/money/stripe-account'
import { isPayoutKind, methodWords, PAYOUT_FIELDS, PAYOUT_KINDS } from '~/features/money/withdrawals'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { PayoutKind } from '../../server/domain/payout/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Payout details')

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const came = search.get('stripe')
  if (came === 'returned') await askStripe(args)
  const { method, stripe, documents, documentNeeded } = await load(args, (api) => api.payout.terms())
  const asked = search.get('kind') ?? ''
  return json({
    method,
    stripe,
    came,
    documents,
    documentNeeded,
    kind: isPayoutKind(asked) ? asked : (method?.kind ?? 'PAYPAL'),
  })
}

/** Who comes back from Stripe is told how things stand there now. When Stripe cannot say, an event will, later. */
const askStripe = (args: LoaderFunctionArgs): Promise<unknown> =>
  load(args, (api) => api.payout.checkPayee()).catch((error: unknown) => {
    if (!(error instanceof Response && error.status === 503)) throw error
  })

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  if (form.get('intent') === 'document') return addDocument(form, { request, context })
  const { kind, password } = textFields(form, ['kind', 'password'])
  const known: PayoutKind = isPayoutKind(kind) ? kind : 'PAYPAL'
  if (known === 'STRIPE') return goToStripe({ request, context }, password)
  const names = PAYOUT_FIELDS[known].map(({ name }) => `details.${name}`)
  const values = textFields(form, names)
  const details = Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value.trim() !== '')
      .map(([name, value]) => [name.slice('details.'.length), value]),
  )
  try {
    await apiOf(context).payout.setMethod({ kind: known, details, password })
  } catch (error) {
    return formFailure(error, request, { ...values, kind: known })
  }
  return redirect(withNotice(paths.payoutMethod(), 'payout-details-saved'))
}

/** To Stripe's page, as long as there is anything to do there. */
const goToStripe = async (
  { request, context }: Pick<ActionFunctionArgs, 'request' | 'context'>,
  password: string,
) => {
  try {
    const { url } = await apiOf(context).payout.connect({ password })
    return redirect(url ?? withNotice(paths.payoutMethod(), 'payout-details-saved'), 303)
  } catch (error) {
    return formFailure(error, request, { kind: 'STRIPE' })
  }
}

const addDocument = async (
  form: FormData,
  { request, context }: Pick<ActionFunctionArgs, 'request' | 'context'>,
) => {
  const file = form.get('file')
  try {
    await apiOf(context).payout.addDocument(
      typeof file === 'object' && file !== null
        ? { name: file.name, content: Buffer.from(await file.arrayBuffer()).toString('base64') }
        : { name: '', content: '' },
    )
  } catch (error) {
    return formFailure(error, request, { intent: 'document' })
  }
  return redirect(withNotice(paths.payoutMethod(), 'document-added'))
}

const PayoutMethod = () => {
  const { method, kind, stripe, came } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Payout details"
        description="Where your withdrawals are paid. Kept encrypted, and shown masked, to you too."
        breadcrumb={[{ label: 'Balance', to: paths.balance() }]}
        actions={<ButtonLink to={paths.tax()}>Tax details</ButtonLink>}
      />
      {method !== null && (
        <Card title="On file">
          <DescriptionList
            items={[
              { term: 'Paid to', value: methodWords(method) },
              { term: 'Since', value: <Time value={method.createdAt} withTime /> },
              {
                term: 'Withdrawals',
                value: !method.ready ? (
                  <>
                    Not yet: Stripe does not pay to it.{' '}
                    <Link to={paths.payoutMethod('STRIPE')}>See what is missing</Link>
                  </>
                ) : method.holdUntil === null ? (
                  'Possible'
                ) : (
                  <>
                    Held until <Time value={method.holdUntil} withTime />
                  </>
                ),
              },
            ]}
          />
        </Card>
      )}
      {method !== null && (
        <Alert tone="warning" title="A change holds withdrawals for 48 hours">
          For 48 hours after it nothing can be withdrawn, and you get a mail: so that nobody who got into your
          account can send your money elsewhere unnoticed. A withdrawal that you already requested still goes
          to the old details.
        </Alert>
      )}
      {method !== null && <Documents />}
      <KindForm />
      {kind === 'STRIPE' ? (
        <StripeAccount stripe={stripe} method={method} came={came} failure={failure} />
      ) : (
        <DetailsForm />
      )}
    </>
  )
}

export default PayoutMethod

const Documents = () => {
  const { documents, documentNeeded } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const wrong = failure?.values.intent === 'document' ? failure : undefined
  return (
    <Card
      title="Documents"
      description="What your way of being paid needs on paper, such as your bank’s confirmation of the account. Kept encrypted; only our admins read it."
    >
      {documentNeeded && (
        <Alert tone="warning" title="A document is needed">
          Nothing can be withdrawn to these details until one is attached.
        </Alert>
      )}
      <FormErrors failure={wrong} labels={{ content: 'File', name: 'File' }} />
      {documents.length > 0 && (
        <ul>
          {documents.map(({ id, name, bytes, createdAt }) => (
            <li key={id}>
              <span className="break">{name}</span> ({Math.max(1, Math.round(bytes / 1024))} KiB, attached{' '}
              <Time value={createdAt} />)
            </li>
          ))}
        </ul>
      )}
      <Form method="post" encType="multipart/form-data" className="form">
        <input type="hidden" name="intent" value="document" />
        <InputField
          name="file"
          label="File"
          type="file"
          accept=".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"
          hint="A PDF, PNG or JPEG of at most 5 MiB."
          error={wrong?.fieldErrors.content ?? wrong?.fieldErrors.name}
        />
        <div className="actions">
          <Button aria-busy={busy}>Attach it</Button>
        </div>
      </Form>
    </Card>
  )
}

const KindForm = () => {
  const { kind, method } = useLoaderData<typeof loader>()
  return (
    <Card title={method === null ? 'How do you want to be paid?' : 'Change it'}>
      <Form method="get" className="form" key={kind}>
        <SelectField name="kind" label="Paid by" defaultValue={kind}>
          {Object.entries(PAYOUT_KINDS).map(([value, words]) => (
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

const DetailsForm = () => {
  const { kind } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const fields = PAYOUT_FIELDS[kind]
  const labels: Record<string, string> = { password: 'Your password' }
  for (const { name, label } of fields) labels[`details.${name}`] = label
  return (
    <Card title={PAYOUT_KINDS[kind]}>
      <FormErrors failure={failure?.values.intent === 'document' ? undefined : failure} labels={labels} />
      <Form method="post" action={paths.payoutMethod(kind)} className="form" key={kind}>
        <input type="hidden" name="kind" value={kind} />
        {fields.map(({ name, label, hint, type, optional }) => {
          const field = {
            name: `details.${name}`,
            label,
            hint,
            error: failure?.fieldErrors[`details.${name}`],
            defaultValue: failure?.values.kind === kind ? failure.values[`details.${name}`] : undefined,
            optional: optional === true,
            autoComplete: 'off',
          }
          return name === 'note' ? (
            <TextareaField key={name} {...field} />
          ) : (
            <InputField key={name} {...field} type={type ?? 'text'} />
          )
        })}
        <InputField
          name="password"
          label="Your password"
          hint="The one you sign in with: to be sure that it is you."
          error={failure?.fieldErrors.password}
          type="password"
          autoComplete="current-password"
        />
        <div className="actions">
          <Button variant="primary" aria-busy={busy}>
            {busy ? 'Saving…' : 'Save payout details'}
          </Button>
          <ButtonLink to={paths.balance()}>Back to your balance</ButtonLink>
        </div>
      </Form>
    </Card>
  )
}
