import { type ReactNode, useId } from 'react'
import { classes } from './classes'

interface CardProps {
  readonly title?: string
  readonly description?: ReactNode
  readonly actions?: ReactNode
  /** No padding around a table. */
  readonly flush?: boolean
  readonly children: ReactNode
}

/** A surface with a title: a section of a page. */
export const Card = ({ title, description, actions, flush = false, children }: CardProps) => {
  const id = useId()
  const named = title === undefined ? {} : { 'aria-labelledby': id }
  return (
    <section className={classes('card', flush && 'card-flush')} {...named}>
      {title !== undefined && (
        <header className="card-header">
          <div>
            <h2 id={id}>{title}</h2>
            {description !== undefined && <p className="muted">{description}</p>}
          </div>
          {actions !== undefined && <div className="actions">{actions}</div>}
        </header>
      )}
      <div className="card-body">{children}</div>
    </section>
  )
}
