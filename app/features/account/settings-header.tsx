import { NavLink } from '@remix-run/react'
import { PageHeader } from '~/components/ui'
import { paths } from '~/lib/paths'

const PLACES = [
  { label: 'Account', to: paths.settings() },
  { label: 'Security', to: paths.security() },
  { label: 'Notifications', to: paths.notificationSettings() },
  { label: 'API keys', to: paths.apiKeys() },
  { label: 'Webhooks', to: paths.endpoints() },
] as const

interface SettingsHeaderProps {
  readonly title: string
  readonly description: string
}

/** The head of every page of one's settings, with the way between them. */
export const SettingsHeader = ({ title, description }: SettingsHeaderProps) => (
  <>
    <nav aria-label="Settings" className="subnav">
      <ul>
        {PLACES.map(({ label, to }) => (
          <li key={to}>
            <NavLink to={to} end prefetch="intent">
              {label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
    <PageHeader title={title} description={description} />
  </>
)
