import type { ReactNode } from 'react'

interface DescriptionListProps {
  readonly items: readonly { readonly term: string; readonly value: ReactNode }[]
}

/** What is known of one thing, as pairs. */
export const DescriptionList = ({ items }: DescriptionListProps) => (
  <dl className="descriptions">
    {items.map(({ term, value }) => (
      <div key={term}>
        <dt>{term}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)
