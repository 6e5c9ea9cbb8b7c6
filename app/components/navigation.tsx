import { Form, Link, NavLink, useLocation } from '@remix-run/react'
import { paths } from '../lib/paths'
import { useSignUpPath } from '../lib/use-sign-up-path'
import { Logo } from './logo'
import { Button, ButtonLink } from './ui'
import { Unread } from './unread'

export interface Viewer {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly isAdmin?: boolean
  /** Notifications that are new. */
  readonly unread?: number
}

const PLACES = [
  { label: 'Dashboard', to: paths.dashboard() },
  { label: 'Marketplace', to: paths.marketplace() },
  { label: 'Workspaces', to: paths.workspaces() },
  { label: 'Links', to: paths.links() },
  { label: 'Listings', to: paths.listings() },
  { label: 'Sales', to: paths.sales() },
  { label: 'Purchases', to: paths.purchases() },
  { label: 'Balance', to: paths.balance() },
  { label: 'Billing', to: paths.billing() },
  { label: 'Affiliate Program', to: paths.affiliate() },
  { label: 'Notifications', to: paths.notifications() },
  { label: 'Settings', to: paths.settings() },
] as const

const ADMIN = { label: 'Admin', to: paths.admin() } as const

/** What only admins do, in the order in which it needs them. */
const ADMIN_PLACES = [
  { label: 'Overview', to: paths.admin() },
  { label: 'Listings', to: paths.admin('listings') },
  { label: 'Reviews', to: paths.admin('listing-reviews') },
  { label: 'Affiliates', to: paths.admin('affiliates') },
  { label: 'Groups', to: paths.admin('groups') },
  { label: 'Codes', to: paths.admin('codes') },
  { label: 'Materials', to: paths.admin('materials') },
  { label: 'Attribution', to: paths.admin('reviews') },
  { label: 'Other sites', to: paths.admin('tracking') },
  { label: 'Fraud', to: paths.admin('fraud') },
  { label: 'Withdrawals', to: paths.admin('withdrawals') },
  { label: 'Payments', to: paths.admin('payments') },
  { label: 'Adjustments', to: paths.admin('adjustments') },
  { label: 'Webhooks', to: paths.admin('webhooks') },
  { label: 'Reconciliation', to: paths.admin('reconciliation') },
  { label: 'Ledger', to: paths.admin('ledger') },
  { label: 'Programme', to: paths.admin('program') },
] as const

/** The way between the admin's pages, above each of them. */
export const AdminNavigation = () => (
  <nav aria-label="Admin" className="subnav">
    <ul>
      {ADMIN_PLACES.map(({ label, to }) => (
        <li key={to}>
          <NavLink to={to} end={to === paths.admin()} prefetch="intent">
            {label}
          </NavLink>
        </li>
      ))}
    </ul>
  </nav>
)

/** The bar above every page of a visitor. */
export const VisitorBar = () => {
  const signUp = useSignUpPath()
  return (
    <header className="bar">
      <div className="bar-inner">
        <Link to={paths.home()} className="bar-home">
          <Logo />
        </Link>
        <nav aria-label="Main" className="actions">
          <ButtonLink to={paths.marketplace()} variant="quiet">
            Marketplace
          </ButtonLink>
          <ButtonLink to={paths.signIn()} variant="quiet">
            Sign in
          </ButtonLink>
          <ButtonLink to={signUp} variant="primary">
            Sign up
          </ButtonLink>
        </nav>
      </div>
    </header>
  )
}

/** Where somebody who is signed in goes: a side column, or a menu on a phone. Only one of the two is ever shown. */
export const MemberNavigation = ({ viewer }: { readonly viewer: Viewer }) => {
  const { key } = useLocation()
  return (
    <header className="side">
      <Link to={paths.dashboard()} className="bar-home">
        <Logo />
      </Link>
      <div className="side-wide">
        <Places viewer={viewer} />
      </div>
      {/* A new key with every page closes the menu that led there. */}
      <details className="side-narrow" key={key}>
        <summary className="button button-secondary">Menu</summary>
        <div className="side-sheet">
          <Places viewer={viewer} />
        </div>
      </details>
    </header>
  )
}

const Places = ({ viewer }: { readonly viewer: Viewer }) => (
  <>
    <nav aria-label="Main">
      <ul className="places">
        {(viewer.isAdmin ? [...PLACES, ADMIN] : PLACES).map(({ label, to }) => (
          <li key={to}>
            <NavLink to={to} prefetch="intent">
              {label}
              {to === paths.notifications() && <Unread count={viewer.unread ?? 0} />}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
    <div className="account">
      <p className="account-name">{viewer.name}</p>
      <p className="account-email">{viewer.email}</p>
      <Form method="post" action={paths.signOut()}>
        <Button size="small" wide>
          Sign out
        </Button>
      </Form>
    </div>
  </>
)
