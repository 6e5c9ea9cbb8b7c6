import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Form, useLoaderData } from '@remix-run/react'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  Money,
  PageHeader,
  SelectField,
  TextareaField,
  Time,
} from '~/components/ui'
import { readSetting, stepsText } from '~/features/admin/program'
import { type Api, failureOf, load } from '~/lib/api.server'
import type { FormFailure } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths, withQuery } from '~/lib/paths'
import type { WhatIf } from '../../server/domain/reporting/schemas'

export const meta: MetaFunction = () => pageTitle('What if')

const FIELDS = ['months', 'referral', 'override', 'depth', 'hold', 'tiers'] as const
type Typed = Readonly<Record<(typeof FIELDS)[number], string>>

/** Everything stands in the address: a result can be kept and sent to another admin. */
export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.has('months')
  return json(
    await load(args, async (api) => {
      const program = await api.program.get()
      const now: Typed = {
        months: '3',
        referral: '',
        override: String(program.overrideCommissionPercentage),
        depth: String(program.overrideDepth),
        hold: '',
        tiers: stepsText(program.referralTiers),
      }
      const typed = asked
        ? (Object.fromEntries(FIELDS.map((name) => [name, search.get(name) ?? ''])) as Typed)
        : now
      return { typed, ...(asked ? await tried(api, typed, args.request) : { result: null, failure: null }) }
    }),
  )
}

const tried = async (api: Api, typed: Typed, request: Request) => {
  const { input, faults } = inputOf(typed)
  const failed = (fieldErrors: Readonly<Record<string, string>>, formError: string) => ({
    result: null,
    failure: { code: 'INVALID_INPUT', formError, fieldErrors, values: typed } satisfies FormFailure,
  })
  if (Object.keys(faults).length > 0) return failed(faults, 'Some of this is not valid.')
  try {
    return { result: await api.program.whatIf(input), failure: null }
  } catch (error) {
    const { issues, message } = failureOf(error, request)
    const placed = issues.map(({ path: [first], message: fault }) => [
      PLACES[String(first)] ?? 'months',
      fault,
    ])
    return failed(Object.fromEntries(placed), message)
  }
}

const PLACES: Readonly<Record<string, keyof Typed>> = {
  referralCommissionPercentage: 'referral',
  overrideCommissionPercentage: 'override',
  overrideDepth: 'depth',
  commissionHoldDays: 'hold',
  referralTiers: 'tiers',
}

const inputOf = (typed: Typed) => {
  const whole = (text: string) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN)
  const form = new FormData()
  form.set('value', typed.tiers)
  const tiers = readSetting('referralTiers', form)
  return {
    faults: tiers.faults.value === undefined ? {} : { tiers: tiers.faults.value },
    input: {
      months: whole(typed.months),
      ...(typed.referral === '' ? {} : { referralCommissionPercentage: typed.referral }),
      ...(typed.override === '' ? {} : { overrideCommissionPercentage: typed.override }),
      ...(typed.depth === '' ? {} : { overrideDepth: whole(typed.depth) }),
      ...(typed.hold === '' ? {} : { commissionHoldDays: whole(typed.hold) }),
      referralTiers: tiers.value as { name: string; percentage: string }[],
    },
  }
}

const LABELS: Readonly<Record<keyof Typed, string>> = {
  months: 'Payments of the last',
  referral: 'A referral’s share, in per cent',
  override: 'Override, in per cent',
  depth: 'Levels of the override',
  hold: 'Days held',
  tiers: 'Tiers',
}

const TryOut = () => {
  const { typed, result, failure } = useLoaderData<typeof loader>()
  const field = (name: keyof Typed) => ({
    name,
    label: LABELS[name],
    error: failure?.fieldErrors[name],
    defaultValue: typed[name],
  })
  return (
    <>
      <PageHeader
        title="What if"
        description="What the payments of the last months would have cost under other rates, tiers, holds or overrides. Nothing is changed by trying."
        breadcrumb={[{ label: 'Programme', to: paths.admin('program') }]}
      />
      <Card title="Terms to try">
        <FormErrors failure={failure ?? undefined} labels={LABELS} />
        <Form method="get" className="form">
          <div className="form-pair">
            <SelectField {...field('months')}>
              {['1', '3', '6', '12', '24'].map((months) => (
                <option key={months} value={months}>
                  {months === '1' ? '1 month' : `${months} months`}
                </option>
              ))}
            </SelectField>
            <InputField
              {...field('referral')}
              inputMode="decimal"
              hint="For every customer. Empty: the rate each came under."
              optional
            />
          </div>
          <div className="form-pair">
            <InputField {...field('override')} inputMode="decimal" optional />
            <InputField {...field('depth')} inputMode="numeric" optional />
          </div>
          <InputField
            {...field('hold')}
            inputMode="numeric"
            hint="For every customer. Empty: the hold each came under. It costs the same, later; and a tier by earnings is reached later."
            optional
          />
          <TextareaField
            {...field('tiers')}
            rows={4}
            hint="One a line, such as “Gold; 20; 10 customers” or “Gold; 20; USD 1000.00”. Empty: none."
            optional
          />
          <div className="actions">
            <Button variant="primary">Try it</Button>
            <ButtonLink to={withQuery(paths.admin('program'), { setting: 'referralCommissionPercentage' })}>
              Change the programme
            </ButtonLink>
          </div>
        </Form>
      </Card>
      {result !== null && <Result result={result} />}
    </>
  )
}

export default TryOut

const Result = ({ result }: { readonly result: WhatIf }) => (
  <>
    <Alert title={`${result.payments} payments of referred customers`}>
      From <Time value={result.from} withTime /> to <Time value={result.to} withTime />. Less what was given
      back since; bonuses are not in it. Whose share an admin refused gets nothing here either.
    </Alert>
    <Card flush title="In all">
      <DataTable
        caption="In all, per currency"
        columns={[{ header: 'Currency', rowHeader: true, cell: ({ paid }) => paid.currency }, ...COMPARED]}
        rows={result.totals}
        rowKey={({ paid }) => paid.currency}
        empty={NOTHING}
      />
    </Card>
    {result.affiliates.length > 0 && (
      <Card
        flush
        title="Per affiliate"
        description={
          result.affiliates.length > SHOWN
            ? `The ${SHOWN} for whom it makes the greatest difference, of ${result.affiliates.length}.`
            : 'The greatest difference first.'
        }
      >
        <DataTable
          caption="Per affiliate and currency"
          columns={[
            {
              header: 'Affiliate',
              rowHeader: true,
              cell: ({ name, code }) => (
                <>
                  {name}
                  <p className="muted">{code}</p>
                </>
              ),
            },
            ...COMPARED,
          ]}
          rows={result.affiliates.slice(0, SHOWN)}
          rowKey={({ userId, paid }) => `${userId} ${paid.currency}`}
          empty={null}
        />
      </Card>
    )}
  </>
)

const SHOWN = 200

const NOTHING = (
  <EmptyState title="Nothing was earned" action={null}>
    No payment of a referred customer earned anything in these months, and none would have.
  </EmptyState>
)

type Compared = WhatIf['totals'][number]

const COMPARED: readonly Column<Compared & Partial<WhatIf['affiliates'][number]>>[] = [
  { header: 'It was', numeric: true, cell: ({ paid }) => <Money value={paid} /> },
  { header: 'It would be', numeric: true, cell: ({ would }) => <Money value={would} /> },
  { header: 'Difference', numeric: true, cell: ({ difference }) => <Money value={difference} /> },
  { header: 'Still held', numeric: true, cell: ({ waiting }) => <Money value={waiting} /> },
]
