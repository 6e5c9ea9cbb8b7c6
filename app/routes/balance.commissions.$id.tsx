import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { Alert, Badge, ButtonLink, Card, DescriptionList, Money, PageHeader, Time } from '~/components/ui'
import { BookedLines, TakenBack } from '~/features/money/commission-history'
import { COMMISSION_KINDS, COMMISSION_STATES, REVIEW_WORDS } from '~/features/money/commissions'
import { load } from '~/lib/api.server'
import { plural } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { CommissionView } from '../../server/domain/affiliate/schemas'
import type { CommissionExplanation } from '../../server/domain/payment/schemas'

export const meta: MetaFunction = () => pageTitle('Why this amount?')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.affiliate.explainCommission({ id: args.params.id ?? '' })))

const WhyThisAmount = () => {
  const why: CommissionExplanation = useLoaderData<typeof loader>()
  const { commission, differences } = why
  return (
    <>
      <PageHeader
        title="Why this amount?"
        description={`${COMMISSION_KINDS[commission.kind]}${commission.workspace === null ? '' : `: ${commission.workspace.name}`}`}
        breadcrumb={[
          { label: 'Balance', to: paths.balance() },
          { label: 'Commissions', to: paths.commissions({}) },
        ]}
      />
      {differences.length === 0 ? (
        <Alert tone="good" title="Computed again just now, to the same figures">
          From the payment as it stands in the books, by the rules it was computed by then.
        </Alert>
      ) : (
        <Alert tone="danger" title="Some figures are not what the rules make of the payment">
          {differences.map(({ figure, stored, recomputed }) => (
            <p key={figure}>
              {figure}: {stored} is stored, {recomputed} was computed just now.
            </p>
          ))}
          <p>Please tell us; a difference is ours to set right.</p>
        </Alert>
      )}
      <Computation why={why} />
      <Standing why={why} />
      <TakenBack events={why.takenBack} />
      <BookedLines booked={why.booked} />
    </>
  )
}

export default WhyThisAmount

const Computation = ({ why }: { readonly why: CommissionExplanation }) => {
  const { payment, commission } = why
  return (
    <Card title="How it was computed">
      <DescriptionList
        items={[
          ...(payment === null
            ? []
            : [
                { term: 'Paid on', value: <Time value={payment.paidAt} withTime /> },
                { term: 'The buyer paid', value: <Money value={payment.captured} /> },
                { term: 'Less the tax in it', value: <Money value={payment.taxRemoved} /> },
              ]),
          { term: 'Base', value: <Money value={why.base} /> },
          { term: 'Rate', value: `${why.rate} %, from the ${why.rateSource}` },
          { term: 'Rounding', value: why.rounding },
          ...(why.capped
            ? [
                { term: 'The share at that rate', value: <Money value={why.share} /> },
                {
                  term: 'Capped',
                  value: 'Others took their shares first; this is what was left of the base.',
                },
              ]
            : []),
          { term: 'Commission', value: <Money value={commission.amount} /> },
        ]}
      />
    </Card>
  )
}

const Standing = ({ why }: { readonly why: CommissionExplanation }) => {
  const { commission, hold, credited } = why
  const { words, tone } = COMMISSION_STATES[commission.status]
  return (
    <Card title="Where it stands">
      <DescriptionList
        items={[
          { term: 'State', value: <Badge tone={tone}>{words}</Badge> },
          ...(commission.review === null
            ? []
            : [
                {
                  term: REVIEW_WORDS[commission.review.state].words,
                  value: <Review of={commission.review} />,
                },
              ]),
          {
            term: 'Hold',
            value:
              hold.days === 0 ? (
                commission.review === null ? (
                  'None: credited with the payment'
                ) : (
                  'None but the review'
                )
              ) : (
                <>
                  {plural(hold.days, 'day')}, until <Time value={hold.until} withTime />
                </>
              ),
          },
          { term: 'Credited', value: <Credited credited={credited} /> },
          { term: 'Taken back', value: <Money value={commission.reversed} /> },
          { term: 'Held while disputed', value: <Money value={commission.held} /> },
          { term: 'Left of it today', value: <Money value={commission.net} /> },
        ]}
      />
    </Card>
  )
}

const Review = ({ of: { state, reason } }: { readonly of: NonNullable<CommissionView['review']> }) => (
  <>
    {REVIEW_WORDS[state].said}
    {reason !== null && <p className="muted break">Reason: {reason}</p>}
  </>
)

const Credited = ({ credited }: Pick<CommissionExplanation, 'credited'>) => {
  if (credited === null) return <>Not yet</>
  return (
    <>
      <Time value={credited.at} withTime />, line {credited.lineId} of your statement
      {credited.batch !== null && (
        <>
          {' '}
          over <Money value={credited.amount} />,{' '}
          <ButtonLink to={paths.commissions({ batch: credited.batch })} variant="quiet" size="small">
            together with others
          </ButtonLink>
        </>
      )}
    </>
  )
}
