import { Link } from '@remix-run/react'
import type { ReactNode } from 'react'

interface PageHeaderProps {
  readonly title: string
  readonly description?: ReactNode
  readonly actions?: ReactNode
  /** The way up, from the top. */
  readonly breadcrumb?: readonly { readonly label: string; readonly to: string }[]
}

export const PageHeader = ({ title, description, actions, breadcrumb = [] }: PageHeaderProps) => (
  <header className="page-header">
    {breadcrumb.length > 0 && (
      <nav aria-label="Breadcrumb">
        <ol className="breadcrumb">
          {breadcrumb.map(({ label, to }) => (
            <li key={to}>
              <Link to={to}>{label}</Link>
            </li>
          ))}
        </ol>
      </nav>
    )}
    <div className="page-header-row">
      <div>
        <h1>{title}</h1>
        {description !== undefined && <p className="lead">{description}</p>}
      </div>
      {actions !== undefined && <div className="actions">{actions}</div>}
    </div>
  </header>
)
