import { type Amount, formatMoney } from '../../lib/format'
import { classes } from './classes'

interface MoneyProps {
  readonly value: Amount
  /** A plus or minus in front: a line of a statement. */
  readonly signed?: boolean
}

/** An amount with its currency, in figures that stand under each other. */
export const Money = ({ value, signed = false }: MoneyProps) => (
  <span className={classes('money', signed && BigInt(value.amount) > 0n && 'money-in')}>
    {formatMoney(value, 'en', signed)}
  </span>
)
