import type { ReactNode } from 'react'

interface ConfirmProps {
  /** What the button says that asks. */
  readonly label: string
  /** What will happen, and whether it can be undone. */
  readonly question: ReactNode
  /** The form that does it. */
  readonly children: ReactNode
  /** From the start: what was sent is wrong and shows why. */
  readonly open?: boolean
}

/** Asks once more before something that matters, without scripts: the form only shows once it was opened. */
export const Confirm = ({ label, question, children, open = false }: ConfirmProps) => (
  <details className="confirm" open={open}>
    <summary className="button button-secondary">
      <span className="confirm-closed">{label}</span>
      <span className="confirm-open">Cancel</span>
    </summary>
    <div className="confirm-box">
      <div>{question}</div>
      <div className="actions">{children}</div>
    </div>
  </details>
)
