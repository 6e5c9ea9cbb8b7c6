import type { ReactNode } from 'react'

interface EmptyStateProps {
  readonly title: string
  readonly children: ReactNode
  /** The next step: a button or a link. */
  readonly action: ReactNode
}

/** Nothing here yet: why, and how that changes. */
export const EmptyState = ({ title, children, action }: EmptyStateProps) => (
  <div className="empty">
    <p className="empty-title">{title}</p>
    <p className="muted">{children}</p>
    <div className="actions">{action}</div>
  </div>
)
