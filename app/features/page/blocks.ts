import { z } from 'zod'

const line = z.string().max(500)
const text = z.string().max(20_000)
const href = z.string().max(2_000)
const many = <T extends z.ZodType>(of: T) => z.array(of).max(100)

/** One that was only begun has words without an address, or the other way round. */
const Link = z.object({ label: line.default(''), href: href.default('') })
/** A moment that is in a calendar: the pattern alone lets a few through that are in none. */
const Moment = z.iso.datetime({ offset: true }).refine((text) => !Number.isNaN(Date.parse(text)))
const Picture = z.object({ src: href, alt: line.optional(), caption: line.optional() })
const Align = z.enum(['left', 'center'])
const intro = { title: line.optional(), text: text.optional() }

const Plan = z.object({
  name: line,
  price: line,
  period: line.optional(),
  text: text.optional(),
  features: many(line).optional(),
  cta: Link.optional(),
  highlighted: z.boolean().optional(),
})

const Field = z.object({
  label: line,
  type: z.enum(['text', 'email', 'tel', 'date', 'time', 'number', 'textarea', 'select', 'checkbox']),
  required: z.boolean().optional(),
  placeholder: line.optional(),
  options: many(line).optional(),
})

const Question = z.object({
  question: line,
  /** Several answers may be chosen. */
  multiple: z.boolean().optional(),
  /** `href`: the result this answer speaks for; the one most answers speak for is where the quiz leads. */
  answers: many(z.object({ label: line, href: href.optional() })),
})

/** The properties of every block a page may be built of. What does not fit is shown as an unknown block. */
export const BLOCKS = {
  Navigation: z.object({ brand: line, links: many(Link).optional(), cta: Link.optional() }),
  Hero: z.object({
    eyebrow: line.optional(),
    title: line,
    text: text.optional(),
    cta: Link.optional(),
    secondary: Link.optional(),
    note: line.optional(),
    image: href.optional(),
    imageAlt: line.optional(),
    align: Align.optional(),
  }),
  Heading: z.object({
    text: line,
    level: z.union([z.literal(2), z.literal(3)]).optional(),
    align: Align.optional(),
  }),
  Text: z.object({ text, align: Align.optional(), lead: z.boolean().optional() }),
  Image: Picture,
  Video: z.object({ title: line, href, poster: href.optional(), length: line.optional() }),
  Gallery: z.object({ ...intro, images: many(Picture) }),
  Button: z.object({
    label: line.optional(),
    href,
    variant: z.enum(['primary', 'secondary']).optional(),
    align: Align.optional(),
  }),
  Features: z.object({ ...intro, items: many(z.object({ title: line, text: text.optional() })) }),
  Steps: z.object({ ...intro, items: many(z.object({ title: line, text: text.optional() })) }),
  Pricing: z.object({ ...intro, plans: many(Plan) }),
  Testimonials: z.object({
    ...intro,
    items: many(z.object({ quote: text, name: line, role: line.optional(), image: href.optional() })),
  }),
  FAQ: z.object({ ...intro, items: many(z.object({ question: line, answer: text })) }),
  Form: z.object({
    ...intro,
    fields: many(Field),
    submit: line,
    /** Where it leads when it was sent. */
    href: href.optional(),
    note: line.optional(),
    /** Each answer is mailed to the owner. */
    notify: z.boolean().optional(),
  }),
  Countdown: z.object({
    title: line.optional(),
    until: Moment,
    text: text.optional(),
  }),
  Stats: z.object({ ...intro, items: many(z.object({ value: line, label: line })) }),
  Logos: z.object({ title: line.optional(), names: many(line).optional(), images: many(Picture).optional() }),
  Banner: z.object({ text: line, link: Link.optional(), tone: z.enum(['accent', 'quiet']).optional() }),
  Quote: z.object({ quote: text, name: line.optional(), role: line.optional() }),
  Quiz: z.object({
    ...intro,
    questions: many(Question),
    submit: line.optional(),
  }),
  Columns: z.object({ columns: z.array(z.object({ content: many(z.unknown()) })).max(4) }),
  Divider: z.object({}),
  Spacer: z.object({ size: z.enum(['small', 'medium', 'large']).optional() }),
  Embed: z.object({ title: line, href, text: text.optional() }),
  Footer: z.object({
    brand: line.optional(),
    text: text.optional(),
    links: many(Link).optional(),
    legal: line.optional(),
  }),
} as const

export type BlockType = keyof typeof BLOCKS
export type BlockProps<T extends BlockType> = Readonly<z.infer<(typeof BLOCKS)[T]>>
export type Block = {
  readonly [T in BlockType]: {
    readonly type: T
    readonly props: BlockProps<T>
    /** Names it within its page; null for one that was not made in the editor. */
    readonly id: string | null
  }
}[BlockType]

/** A block that is none of ours, or not filled in as it should be: its name and what can be read of it. */
export interface UnknownBlock {
  readonly type: null
  readonly name: string
  readonly texts: readonly { readonly name: string; readonly text: string }[]
}

/** Reads one element of a page's content, whatever it is; never throws. */
export const readBlock = (value: unknown): Block | UnknownBlock => {
  if (!isRecord(value)) return { type: null, name: 'Nothing that can be shown', texts: [] }
  const { type, props } = value
  if (typeof type === 'string' && Object.hasOwn(BLOCKS, type)) {
    const given = isRecord(props) ? props : {}
    const schema = BLOCKS[type as BlockType]
    // An editor leaves '' where nothing was filled in; where something must be, '' is what there is.
    const read = [withoutEmpty(given), given]
      .map((one) => schema.safeParse(one))
      .find(({ success }) => success)
    // The name and the shape belong together: both were looked up by the same key.
    if (read?.success)
      return {
        type,
        props: read.data,
        id: typeof given.id === 'string' ? given.id.slice(0, 100) : null,
      } as Block
  }
  return {
    type: null,
    name: typeof type === 'string' && type !== '' ? type.slice(0, 60) : 'Block',
    texts: textsOf(props),
  }
}

/** The same without members that say nothing; elements of lists stay. */
const withoutEmpty = (value: unknown, depth = 0): unknown => {
  if (depth > MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map((one) => withoutEmpty(one, depth + 1))
  if (!isRecord(value)) return value
  const members = Object.entries(value)
    .map(([name, member]) => [name, withoutEmpty(member, depth + 1)] as const)
    .filter(([, member]) => member !== '' && member !== null && member !== undefined && !isNothing(member))
  return Object.fromEntries(members)
}

const isNothing = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0

/** Blocks are no deeper; what is in columns is read by itself. */
const MAX_DEPTH = 5

/** The elements of a page's content or of a column, whatever was stored. */
export const blocksOf = (content: unknown): readonly unknown[] =>
  isRecord(content) && Array.isArray(content.content) ? content.content.slice(0, 1_000) : []

/** What the page is called, for one that shows no title of its own. */
export const titleOf = (content: unknown, name: string | null = null): string | null => {
  if (!isRecord(content)) return name
  if (blocksOf(content).some((block) => isRecord(block) && block.type === 'Hero')) return null
  const props = isRecord(content.root) ? content.root.props : undefined
  return isRecord(props) && typeof props.title === 'string' && props.title.trim() !== ''
    ? props.title.slice(0, 500)
    : name
}

const textsOf = (props: unknown): UnknownBlock['texts'] =>
  isRecord(props)
    ? Object.entries(props)
        .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== 'id')
        .slice(0, 12)
        .map(([name, content]) => ({ name: name.slice(0, 60), text: content.slice(0, 500) }))
    : []

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
