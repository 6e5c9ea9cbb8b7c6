import type { ReactNode } from 'react'

interface AuthPageProps {
  readonly title: string
  readonly description?: ReactNode
  readonly children: ReactNode
  /** The way to the neighbouring page. */
  readonly footer?: ReactNode
}

/** The narrow page on which one form about an account stands. */
export const AuthPage = ({ title, description, children, footer }: AuthPageProps) => (
  <div className="auth">
    <h1>{title}</h1>
    {description !== undefined && <p className="lead">{description}</p>}
    <div className="auth-card">{children}</div>
    {footer !== undefined && <p className="auth-footer">{footer}</p>}
  </div>
)
