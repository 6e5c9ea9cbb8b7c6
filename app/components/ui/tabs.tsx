import { Link } from '@remix-run/react'

interface TabsProps {
  /** What is chosen between. */
  readonly label: string
  readonly tabs: readonly { readonly label: string; readonly to: string; readonly current: boolean }[]
}

/** Views of one thing, each with an address of its own. */
export const Tabs = ({ label, tabs }: TabsProps) => (
  <nav aria-label={label} className="tabs">
    <ul>
      {tabs.map((tab) => (
        <li key={tab.to}>
          <Link to={tab.to} aria-current={tab.current ? 'page' : undefined} preventScrollReset>
            {tab.label}
          </Link>
        </li>
      ))}
    </ul>
  </nav>
)
