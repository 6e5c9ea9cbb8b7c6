import type { ReactNode } from 'react'
import type { Tone } from './badge'

interface AlertProps {
  readonly tone?: Tone
  /** What happened. */
  readonly title: string
  /** What to do. */
  readonly children?: ReactNode
}

export const Alert = ({ tone = 'info', title, children }: AlertProps) => (
  <div className={`alert tone-${tone}`} role={tone === 'danger' ? 'alert' : undefined}>
    <p className="alert-title">{title}</p>
    {children && <div className="alert-text">{children}</div>}
  </div>
)
