import { type ReactNode, useId } from 'react'

interface ArtProps {
  /** What is drawn: the same name is always the same picture. A name may begin with a kind (`waves-morning`). */
  readonly name: string
  /** Empty: decoration. */
  readonly alt?: string | undefined
}

const WIDTH = 800
const HEIGHT = 520

/** An abstract picture in the colours of the page's theme, drawn from its name alone. */
export const Art = ({ name, alt = '' }: ArtProps) => {
  const id = useId()
  const random = numbersOf(name)
  const kind = KINDS[name.split('-')[0] ?? ''] ?? ALL[Math.floor(random() * ALL.length)] ?? waves
  const picture = (
    <svg
      className="fp-art"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <defs>
        <linearGradient id={id} x1="0" y1="0" x2={random() > 0.5 ? '1' : '0'} y2="1">
          <stop offset="0" className="fp-stop-1" />
          <stop offset="1" className="fp-stop-2" />
        </linearGradient>
      </defs>
      <rect width={WIDTH} height={HEIGHT} fill={`url(#${id})`} />
      {kind(random)}
    </svg>
  )
  if (alt === '') return picture
  return (
    <span className="fp-art-named" role="img" aria-label={alt}>
      {picture}
    </span>
  )
}

type Random = () => number
type Kind = (random: Random) => ReactNode

/** Numbers from 0 to 1 that follow from a text. */
const numbersOf = (text: string): Random => {
  let state = 2166136261
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16777619)
  return () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9
    return ((state ^ (state >>> 13)) >>> 0) / 4294967296
  }
}

const list = (count: number) => Array.from({ length: count }, (_, i) => i)
const round = (n: number) => Math.round(n)

const waves: Kind = (random) =>
  list(4).map((i) => {
    const y = 190 + i * 85
    const [a, b] = [y - 40 - random() * 90, y + 20 + random() * 90].map(round)
    return (
      <path
        key={i}
        className={`fp-tone-${i + 1}`}
        d={`M0 ${y} C 200 ${a}, 320 ${b}, 470 ${y} S 700 ${a}, 800 ${y} V ${HEIGHT} H 0 Z`}
      />
    )
  })

const rings: Kind = (random) => {
  const [x, y] = [round(200 + random() * 400), round(160 + random() * 200)]
  return list(6).map((i) => (
    <circle
      key={i}
      className={`fp-line-${(i % 3) + 1}`}
      cx={x}
      cy={y}
      r={60 + i * 70}
      fill="none"
      strokeWidth={34 - i * 4}
    />
  ))
}

const hills: Kind = (random) => (
  <>
    <circle className="fp-paper" cx={round(160 + random() * 480)} cy={round(120 + random() * 60)} r="72" />
    {list(3).map((i) => {
      const peak = round(100 + random() * 600)
      const top = 210 + i * 80
      return (
        <path
          key={i}
          className={`fp-tone-${3 - i}`}
          d={`M-60 ${HEIGHT} Q ${peak} ${top - 120} 860 ${HEIGHT} Z`}
        />
      )
    })}
  </>
)

const petals: Kind = (random) => {
  const turn = round(random() * 60)
  return list(8).map((i) => (
    <ellipse
      key={i}
      className={`fp-tone-${(i % 4) + 1}`}
      cx="400"
      cy="150"
      rx="62"
      ry="150"
      transform={`rotate(${turn + i * 45} 400 260)`}
    />
  ))
}

/** A chart in a window: for software. */
const bars: Kind = (random) => (
  <>
    <rect className="fp-paper" x="110" y="80" width="580" height="380" rx="18" />
    <rect className="fp-tone-1" x="140" y="112" width="150" height="14" rx="7" />
    <rect className="fp-tone-2" x="140" y="140" width="90" height="10" rx="5" />
    {list(9).map((i) => {
      const height = round(50 + random() * 110 + i * 8)
      return (
        <rect
          key={i}
          className={`fp-tone-${i === 7 ? 1 : 3}`}
          x={144 + i * 58}
          y={430 - height}
          width="34"
          height={height}
          rx="6"
        />
      )
    })}
  </>
)

/** Plates on a table: for food. */
const plates: Kind = (random) =>
  list(3).map((i) => {
    const [x, y, r] = [150 + i * 250, round(190 + random() * 150), round(105 + random() * 45)]
    return (
      <g key={i}>
        <circle className="fp-paper" cx={x} cy={y} r={r} />
        <circle className={`fp-tone-${i + 1}`} cx={x} cy={y} r={round(r * 0.66)} />
        <path
          className={`fp-tone-${((i + 2) % 4) + 1}`}
          d={`M${x - 40} ${y + 12} q 40 -${round(40 + random() * 40)} 80 0 q -40 46 -80 0Z`}
        />
      </g>
    )
  })

/** Head and shoulders of nobody. */
const portrait: Kind = (random) => (
  <>
    <ellipse className="fp-tone-2" cx="400" cy="520" rx={round(220 + random() * 60)} ry="200" />
    <circle className="fp-tone-4" cx="400" cy="220" r="112" />
    <path
      className="fp-tone-1"
      d={`M288 220 a112 112 0 0 1 224 0 q -${round(50 + random() * 60)} -60 -224 0Z`}
    />
  </>
)

const KINDS: Readonly<Record<string, Kind>> = { waves, rings, hills, petals, bars, plates, portrait }
const ALL = [waves, rings, hills, petals]
