import { Card, type Step, Steps } from '~/components/ui'
import { plural } from '~/lib/format'
import type { Landing } from '../../../server/domain/affiliate/schemas'
import { PLAN_NAMES } from '../selling/offer-words'

/** What is in the workspace: each funnel with its pages, in order. */
export const Contents = ({ workspace }: Pick<Landing, 'workspace'>) => {
  const { funnels } = workspace
  if (funnels.length === 0) return null
  return (
    <Card title="What is in it">
      <ol className="outline">
        {funnels.map(({ name, pages }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat; the order is fixed
          <li key={place}>
            <details open={place === 0 || funnels.length <= 3}>
              <summary>
                <span className="outline-name">{name}</span>{' '}
                <span className="muted">{plural(pages.length, 'page')}</span>
              </summary>
              <ol>
                {pages.map((page, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat; the order is fixed
                  <li key={at}>{page}</li>
                ))}
              </ol>
            </details>
          </li>
        ))}
      </ol>
    </Card>
  )
}

/** '2 funnels, 7 pages, 1 theme of its own'. */
export const countsWords = ({ funnels, pages, themes }: Landing['workspace']['counts']): string =>
  [plural(funnels, 'funnel'), plural(pages, 'page'), themes > 0 && `${plural(themes, 'theme')} of its own`]
    .filter(Boolean)
    .join(', ')

const SET_ANEW = [
  'An address of its own',
  'You as its owner and only member',
  'Visits, counted from nothing',
  'Addresses of every page, so that nothing leads back to the original',
  'No password on any funnel, until you set one',
]

/** What a copy gets, and what stays with the seller. */
export const CopyTerms = ({ workspace }: Pick<Landing, 'workspace'>) => (
  <Card
    title="What you get, and what you do not"
    description="Your copy is independent: nothing the seller changes later shows in it, nothing you change shows to them, and the seller has no access to it."
  >
    <div className="terms">
      <div>
        <h3>Copied as it is</h3>
        <ul className="marks marks-yes">
          {workspace.copied.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      </div>
      <div>
        <h3>Set anew for you</h3>
        <ul className="marks marks-new">
          {SET_ANEW.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      </div>
      <div>
        <h3>Not copied</h3>
        <ul className="marks marks-no">
          {workspace.notCopied.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      </div>
    </div>
  </Card>
)

/** What comes after the button, for a guest and for an account. */
export const NextSteps = ({ signedIn }: { readonly signedIn: boolean }) => (
  <Card title="What happens next">
    <Steps steps={signedIn ? MEMBER_STEPS : GUEST_STEPS} />
  </Card>
)

const PAY: Step = {
  title: 'You pay on the page of the payment provider',
  text: 'Your card is entered there and never seen here. Until you confirm there, nothing is charged.',
  done: false,
}
const COPY: Step = {
  title: 'Your copy is made',
  text: 'As soon as the payment is confirmed, usually within seconds. Should it not be possible, you get your money back.',
  done: false,
}
const GUEST_STEPS: readonly Step[] = [
  PAY,
  COPY,
  {
    title: 'You open it from your mail',
    text: 'We send the receipt with a link to set a password. An address that has an account keeps it: the copy is added there.',
    done: false,
  },
]
const MEMBER_STEPS: readonly Step[] = [
  PAY,
  COPY,
  {
    title: 'You find it among your workspaces',
    text: 'The receipt comes by mail and stays under Purchases.',
    done: false,
  },
]

/** Which plan the buyer has afterwards, and what it lets them add to the copy. */
export const planWords = (
  { offer, planAfter, limits }: Pick<Landing, 'offer' | 'planAfter' | 'limits'>,
  signedIn: boolean,
): string => {
  const name = PLAN_NAMES[planAfter]
  const first =
    offer.mode === 'SUBSCRIPTION' && planAfter !== 'FREE'
      ? `The subscription includes the ${name} plan while you pay for it.`
      : signedIn
        ? `Your plan is ${name}; this purchase does not change it.`
        : 'An account you have keeps its plan; a new one has the Free plan.'
  const { funnels, pagesPerFunnel } = limits
  if (funnels === null || pagesPerFunnel === null)
    return `${first} It sets no limit to what you add to the copy.`
  return `${first} You get all of the copy, whatever its size; with the ${name} plan you can add to it up to ${plural(funnels, 'funnel')} with ${plural(pagesPerFunnel, 'page')} each.`
}
