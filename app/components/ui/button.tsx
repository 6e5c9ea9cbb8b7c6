import { Link } from '@remix-run/react'
import { type ComponentPropsWithoutRef, type ReactNode, useId } from 'react'
import { classes } from './classes'

interface Look {
  /** The one thing to do here is `primary`; what cannot be undone is `danger`. */
  readonly variant?: 'primary' | 'secondary' | 'danger' | 'quiet' | undefined
  readonly size?: 'medium' | 'small' | undefined
  readonly wide?: boolean | undefined
}

const look = ({ variant = 'secondary', size = 'medium', wide = false }: Look, more?: string) =>
  classes('button', `button-${variant}`, size === 'small' && 'button-small', wide && 'button-wide', more)

interface ButtonProps extends Look, Omit<ComponentPropsWithoutRef<'button'>, 'disabled'> {
  /** Why it cannot be used now. It stays reachable by keyboard and says so. */
  readonly disabledReason?: string | undefined
  readonly children: ReactNode
}

export const Button = ({
  variant,
  size,
  wide,
  disabledReason,
  className,
  children,
  ...props
}: ButtonProps) => {
  const reasonId = useId()
  const style = look({ variant, size, wide }, className)
  if (disabledReason === undefined)
    return (
      <button type="submit" {...props} className={style}>
        {children}
      </button>
    )
  return (
    <Disabled id={reasonId} reason={disabledReason}>
      <button
        {...props}
        type="button"
        onClick={undefined}
        className={style}
        aria-disabled="true"
        aria-describedby={reasonId}
      >
        {children}
      </button>
    </Disabled>
  )
}

interface ButtonLinkProps extends Look {
  readonly to: string
  readonly disabledReason?: string | undefined
  readonly className?: string
  /** A whole page load: for addresses that are not pages of this application. */
  readonly reload?: boolean
  readonly children: ReactNode
}

export const ButtonLink = ({
  to,
  disabledReason,
  className,
  reload = false,
  children,
  ...props
}: ButtonLinkProps) => {
  const reasonId = useId()
  if (disabledReason === undefined)
    return (
      <Link to={to} reloadDocument={reload} className={look(props, className)}>
        {children}
      </Link>
    )
  return (
    <Disabled id={reasonId} reason={disabledReason}>
      <button
        type="button"
        className={look(props, className)}
        aria-disabled="true"
        aria-describedby={reasonId}
      >
        {children}
      </button>
    </Disabled>
  )
}

const Disabled = ({ id, reason, children }: { id: string; reason: string; children: ReactNode }) => (
  <span className="button-disabled">
    {children}
    <span id={id} className="button-reason">
      {reason}
    </span>
  </span>
)
