import { Form, Link } from '@remix-run/react'
import { Badge, Button, ButtonLink, Card, Confirm, CopyField, Money, Time, type Tone } from '~/components/ui'
import { plural } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { LinkView } from '../../../server/domain/affiliate/schemas'
import { percent } from './earnings'
import { offerWords } from './offer-words'

export const LINK_STATUS: Readonly<Record<LinkView['status'], { words: string; tone: Tone }>> = {
  ACTIVE: { words: 'Active', tone: 'good' },
  REVOKED: { words: 'Revoked', tone: 'neutral' },
  EXPIRED: { words: 'Expired', tone: 'neutral' },
  EXHAUSTED: { words: 'Used up', tone: 'neutral' },
}

/** One link among the others: what it sells for how much, how it fares, the address to take, and a way to end it. */
export const LinkCard = ({ link }: { readonly link: LinkView }) => {
  const { words, tone } = LINK_STATUS[link.status]
  return (
    <Card
      title={link.name}
      description={
        <>
          <Link to={paths.workspace(link.workspace.id)}>{link.workspace.name}</Link> for{' '}
          {offerWords(link.offer, link.planType)}
        </>
      }
      actions={<Badge tone={tone}>{words}</Badge>}
    >
      <div className="stack">
        <LinkFacts link={link} />
        {link.status === 'ACTIVE' && <CopyField label="Link for buyers" value={link.url} />}
        <div className="actions">
          <ButtonLink to={paths.link(link.id)}>
            Details<span className="visually-hidden"> of {link.name}</span>
          </ButtonLink>
          {link.status === 'ACTIVE' && <RevokeLink link={link} />}
        </div>
      </div>
    </Card>
  )
}

const LinkFacts = ({ link }: { readonly link: LinkView }) => (
  <dl className="facts">
    <div>
      <dt>Your rate</dt>
      <dd>{percent(link.commissionPercentage)}</dd>
    </div>
    <div>
      <dt>Sold</dt>
      <dd>{usesWords(link)}</dd>
    </div>
    <div>
      <dt>Clicks</dt>
      <dd className="numeric">{link.clicks}</dd>
    </div>
    <div>
      <dt>Buyers</dt>
      <dd className="numeric">{link.buyers}</dd>
    </div>
    <div>
      <dt>Conversion</dt>
      <dd className="numeric">{conversionWords(link)}</dd>
    </div>
    <div>
      <dt>Earned</dt>
      <dd className="numeric">
        <LinkEarnings link={link} />
      </dd>
    </div>
    <div>
      <dt>Made</dt>
      <dd>
        <Time value={link.createdAt} />
      </dd>
    </div>
    {link.expiresAt !== null && (
      <div>
        <dt>{link.status === 'EXPIRED' ? 'Ended' : 'Ends'}</dt>
        <dd>
          <Time value={link.expiresAt} withTime />
        </dd>
      </div>
    )}
  </dl>
)

/** '2.50 %', '–' as long as nobody opened it. */
export const conversionWords = ({ conversionRate }: Pick<LinkView, 'conversionRate'>): string =>
  conversionRate === null ? '–' : `${conversionRate} %`

/** What it earned its seller, a line for each currency. */
export const LinkEarnings = ({ link: { earned } }: { readonly link: Pick<LinkView, 'earned'> }) =>
  earned.length === 0
    ? '–'
    : earned.map((money) => (
        <div key={money.currency}>
          <Money value={money} />
        </div>
      ))

/** '3 times', '3 of 10'. */
export const usesWords = ({ uses, maxUses }: Pick<LinkView, 'uses' | 'maxUses'>): string =>
  maxUses === null ? plural(uses, 'time') : `${uses} of ${maxUses}`

/** Ends a link, after asking once more. */
export const RevokeLink = ({ link }: { readonly link: LinkView }) => (
  <Confirm
    label="Revoke"
    question={
      <p>
        Nobody can begin to buy through this link any more; whoever opens it reads that it is no longer
        available. A checkout that is open already can still be paid, and what was sold stays sold. This
        cannot be undone, but you can make a new link.
      </p>
    }
  >
    <Form method="post" action={paths.link(link.id)}>
      <Button variant="danger" name="intent" value="revoke">
        Revoke “{link.name}”
      </Button>
    </Form>
  </Confirm>
)
