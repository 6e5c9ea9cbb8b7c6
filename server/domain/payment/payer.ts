import type { Context } from '../../kit/context'
import type { ProviderMode } from '../../kit/ports'
import { cardMark, payerMark } from '../affiliate'

/** Who paid, and with which card (the provider's own name of it), as far as the provider says. */
export interface Payer {
  readonly email: string | null
  readonly card: string | null
}

export const payerOf = (told: { payerEmail?: string | null; cardFingerprint?: string }): Payer => ({
  email: told.payerEmail ?? null,
  card: told.cardFingerprint ?? null,
})

/** How that is kept: to be compared only. A provider's test cards are everybody's, so they say nothing of who paid. */
export const payerMarks = (
  ctx: Context,
  mode: ProviderMode,
  payer: Payer | undefined,
): { payerMark: Buffer | null; cardMark: Buffer | null } => ({
  payerMark: payer?.email == null ? null : payerMark(ctx.config, payer.email),
  cardMark: payer?.card == null || mode === 'test' ? null : cardMark(ctx.config, payer.card),
})
