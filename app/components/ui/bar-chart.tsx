import { useId } from 'react'

interface Bar {
  /** What it stands for, as it is read out. */
  readonly name: string
  readonly value: number
  /** The value in words, with its unit. */
  readonly shown: string
}

interface BarChartProps {
  readonly title: string
  /** The whole in words, for who does not look at bars. */
  readonly summary: string
  readonly bars: readonly Bar[]
}

/**
 * Bars in a row, drawn by the server: no script, and no change of layout. Values below nothing hang under the line.
 * What each bar says must also stand in a table nearby.
 */
export const BarChart = ({ title, summary, bars }: BarChartProps) => {
  const id = useId()
  const high = Math.max(0, ...bars.map(({ value }) => value))
  const low = Math.min(0, ...bars.map(({ value }) => value))
  const scale = HEIGHT / (high - low || 1)
  const first = bars[0]
  const last = bars.at(-1)
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <strong>{title}</strong> <span className="muted">{summary}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${Math.max(1, bars.length) * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${summary}`}
      >
        {bars.map(({ name, value, shown }, i) => (
          <g key={name}>
            <title>{`${name}: ${shown}`}</title>
            {/* The whole column answers to the pointer, also where there is no bar. */}
            <rect x={i * STEP} y={0} width={STEP} height={HEIGHT} className="chart-column" />
            <rect
              x={i * STEP + GAP}
              y={(high - Math.max(0, value)) * scale}
              width={STEP - 2 * GAP}
              height={Math.abs(value) * scale}
              className={value < 0 ? 'chart-below' : 'chart-bar'}
            />
          </g>
        ))}
        <line
          x1={0}
          x2={Math.max(1, bars.length) * STEP}
          y1={high * scale}
          y2={high * scale}
          className="chart-line"
        />
      </svg>
      <div className="chart-ends muted" aria-hidden="true">
        <span>{first?.name}</span>
        <span>{bars.length > 1 && last?.name}</span>
      </div>
    </figure>
  )
}

/** In the picture's own units; it is stretched to its box. */
const HEIGHT = 100
const STEP = 10
const GAP = 1
