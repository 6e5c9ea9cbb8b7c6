import { Link } from '@remix-run/react'

export interface Step {
  readonly title: string
  readonly text: string
  readonly done: boolean
  /** Where it is done. */
  readonly to?: string
}

/** What there is to do, in order; done steps are ticked. */
export const Steps = ({ steps }: { readonly steps: readonly Step[] }) => (
  <ol className="steps">
    {steps.map(({ title, text, done, to }) => (
      <li key={title} className={done ? 'step step-done' : 'step'}>
        <div>
          <p className="step-title">
            {to === undefined || done ? title : <Link to={to}>{title}</Link>}
            {done && <span className="visually-hidden"> (done)</span>}
          </p>
          <p className="muted">{text}</p>
        </div>
      </li>
    ))}
  </ol>
)
