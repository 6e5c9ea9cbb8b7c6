import type { ReactNode } from 'react'

export type Tone = 'neutral' | 'info' | 'good' | 'warning' | 'danger'

/** A state in a word. The word carries the meaning; the colour only helps. */
export const Badge = ({
  tone = 'neutral',
  children,
}: {
  readonly tone?: Tone
  readonly children: ReactNode
}) => <span className={`badge tone-${tone}`}>{children}</span>
