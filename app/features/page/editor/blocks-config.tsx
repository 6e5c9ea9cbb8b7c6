import type { ComponentConfig, Config, Field, SlotComponent } from '@puckeditor/core'
import type { BlockType } from '../blocks'
import { OneBlock } from '../PageContent'
import {
  flag,
  type LinkChoice,
  line,
  linesField,
  linkField,
  oneOf,
  type PictureChoice,
  pictureField,
  several,
  words,
} from './fields'

export interface BlockChoices {
  /** Where links may lead. */
  readonly pages: readonly LinkChoice[]
  readonly pictures: readonly PictureChoice[]
}

interface BlockInEditor {
  readonly label: string
  readonly fields: Readonly<Record<string, Field>>
  /** What a new one shows. */
  readonly begin: Readonly<Record<string, unknown>>
}

/**
 * Every block a page may be built of, for the editor: what can be filled in, what a new one shows, and the very component
 * that shows it to visitors. Put what it renders in `PageContext` with the page's links and theme.
 */
export const blocksConfig = (choices: BlockChoices): Config => ({
  categories: CATEGORIES,
  components: Object.fromEntries(
    Object.entries(blocksInEditor(choices)).map(([type, block]) => [type, component(type, block)]),
  ),
  root: { fields: { title: line('Title of the page') } },
})

const CATEGORIES: NonNullable<Config['categories']> = {
  frame: { title: 'Frame', components: ['Navigation', 'Banner', 'Columns', 'Divider', 'Spacer', 'Footer'] },
  words: { title: 'Words', components: ['Hero', 'Heading', 'Text', 'Button', 'Quote', 'Steps', 'FAQ'] },
  media: { title: 'Pictures and videos', components: ['Image', 'Gallery', 'Video', 'Embed', 'Logos'] },
  selling: { title: 'Selling', components: ['Features', 'Pricing', 'Testimonials', 'Stats', 'Countdown'] },
  asking: { title: 'Asking', components: ['Form', 'Quiz'] },
}

const component = (type: string, { label, fields, begin }: BlockInEditor): ComponentConfig => ({
  label,
  fields: { ...fields },
  defaultProps: { ...begin },
  render: ({ puck: _puck, editMode: _editMode, ...props }) =>
    type === 'Columns' ? (
      <EditedColumns columns={(props as { columns?: EditedColumn[] }).columns ?? []} />
    ) : (
      // It is dragged and chosen as a whole: a field within acts only for visitors.
      <fieldset disabled className="fp-edited">
        <OneBlock value={{ type, props }} />
      </fieldset>
    ),
})

interface EditedColumn {
  readonly content: SlotComponent
}

/** Columns into which blocks can be dropped. */
const EditedColumns = ({ columns }: { readonly columns: readonly EditedColumn[] }) => (
  <div className="fp-section fp-columns">
    {columns.map(({ content: Content }, place) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a column has no identity but its place
      <Content key={place} minEmptyHeight={96} />
    ))}
  </div>
)

const ALIGN = oneOf('Alignment', { Left: 'left', Centre: 'center' })

const blocksInEditor = ({ pages, pictures }: BlockChoices): Readonly<Record<BlockType, BlockInEditor>> => {
  const href = (label = 'Leads to') => linkField(label, pages)
  const picture = (label = 'Picture') => pictureField(label, pictures)
  const link = (label: string): Field => ({
    type: 'object',
    label,
    objectFields: { label: line('Words'), href: href() },
  })
  const links = (label = 'Links') =>
    several(label, { label: line('Words'), href: href() }, { label: 'About us', href: '' }, 'label')
  const intro = { title: line('Heading'), text: words('Text under it') }
  const pictureFields = { src: picture(), alt: line('What it shows, in words'), caption: line('Caption') }
  return {
    Navigation: {
      label: 'Navigation',
      fields: { brand: line('Name'), links: links(), cta: link('Button') },
      begin: { brand: 'Your name', links: [{ label: 'Home', href: '' }] },
    },
    Banner: {
      label: 'Banner',
      fields: {
        text: line('Text'),
        link: link('Link'),
        tone: oneOf('Tone', { Accent: 'accent', Quiet: 'quiet' }),
      },
      begin: { text: 'New: doors are open until Friday.', tone: 'accent' },
    },
    Hero: {
      label: 'Hero',
      fields: {
        eyebrow: line('Line above'),
        title: line('Title'),
        text: words('Text'),
        cta: link('Button'),
        secondary: link('Second button'),
        note: line('Small print'),
        image: picture(),
        imageAlt: line('What the picture shows, in words'),
        align: ALIGN,
      },
      begin: {
        title: 'Say in one line what changes for them',
        text: 'Then say for whom it is, and how it works.',
        cta: { label: 'Begin', href: '' },
      },
    },
    Heading: {
      label: 'Heading',
      fields: { text: line('Text'), level: oneOf('Size', { Large: 2, Small: 3 }), align: ALIGN },
      begin: { text: 'A heading', level: 2 },
    },
    Text: {
      label: 'Text',
      fields: { text: words('Text (an empty line begins a paragraph)'), lead: flag('Larger'), align: ALIGN },
      begin: { text: 'Write here.' },
    },
    Image: { label: 'Picture', fields: pictureFields, begin: { src: 'art:waves-new', alt: '' } },
    Video: {
      label: 'Video',
      fields: {
        title: line('Title'),
        href: line('Address (YouTube, Vimeo or an .mp4)'),
        poster: picture('Picture before it plays'),
        length: line('Length'),
      },
      begin: { title: 'How it works', href: '' },
    },
    Gallery: {
      label: 'Gallery',
      fields: {
        ...intro,
        images: several('Pictures', pictureFields, { src: 'art:hills-new', alt: '' }, 'alt'),
      },
      begin: { images: [1, 2, 3].map((n) => ({ src: `art:hills-${n}`, alt: '' })) },
    },
    Button: {
      label: 'Button',
      fields: {
        label: line('Words'),
        href: href(),
        variant: oneOf('Look', { Filled: 'primary', Outlined: 'secondary' }),
        align: ALIGN,
      },
      begin: { label: 'Continue', href: '', variant: 'primary' },
    },
    Features: {
      label: 'Features',
      fields: {
        ...intro,
        items: several(
          'Features',
          { title: line('Title'), text: words('Text') },
          { title: 'A feature' },
          'title',
        ),
      },
      begin: { title: 'What you get', items: ['Quick', 'Calm', 'Yours'].map((title) => ({ title })) },
    },
    Steps: {
      label: 'Steps',
      fields: {
        ...intro,
        items: several('Steps', { title: line('Title'), text: words('Text') }, { title: 'A step' }, 'title'),
      },
      begin: { title: 'How it works', items: ['Choose', 'Book', 'Begin'].map((title) => ({ title })) },
    },
    Pricing: {
      label: 'Pricing',
      fields: {
        ...intro,
        plans: several(
          'Plans',
          {
            name: line('Name'),
            price: line('Price'),
            period: line('Period'),
            text: words('Text'),
            features: linesField('What is in it, a line each'),
            cta: link('Button'),
            highlighted: flag('Highlighted'),
          },
          { name: 'Plan', price: '$49' },
          'name',
        ),
      },
      begin: {
        title: 'Prices',
        plans: [
          { name: 'Basic', price: '$49', period: 'a month' },
          { name: 'Plus', price: '$99', period: 'a month', highlighted: true },
        ],
      },
    },
    Testimonials: {
      label: 'Testimonials',
      fields: {
        ...intro,
        items: several(
          'Testimonials',
          { quote: words('Quote'), name: line('Name'), role: line('Who they are'), image: picture() },
          { quote: 'It did what it said.', name: 'A customer' },
          'name',
        ),
      },
      begin: { title: 'What they say', items: [{ quote: 'It did what it said.', name: 'A customer' }] },
    },
    Quote: {
      label: 'Quote',
      fields: { quote: words('Quote'), name: line('Name'), role: line('Who they are') },
      begin: { quote: 'A sentence worth repeating.', name: 'Somebody' },
    },
    FAQ: {
      label: 'Questions and answers',
      fields: {
        ...intro,
        items: several(
          'Questions',
          { question: line('Question'), answer: words('Answer') },
          { question: 'A question?', answer: 'The answer.' },
          'question',
        ),
      },
      begin: { title: 'Questions', items: [{ question: 'How soon can I begin?', answer: 'Today.' }] },
    },
    Form: {
      label: 'Form',
      fields: {
        ...intro,
        fields: several(
          'Fields',
          {
            label: line('Label'),
            type: oneOf('Kind', {
              Text: 'text',
              'E-mail': 'email',
              Phone: 'tel',
              Date: 'date',
              Time: 'time',
              Number: 'number',
              'Long text': 'textarea',
              'One of a list': 'select',
              Checkbox: 'checkbox',
            }),
            required: flag('Must be filled in'),
            placeholder: line('Example'),
            options: linesField('Of a list: its choices, a line each'),
          },
          { label: 'Name', type: 'text', required: true },
          'label',
        ),
        submit: line('Words of the button'),
        href: href('Leads on to'),
        note: line('Small print'),
        notify: flag('Mail me each answer'),
      },
      begin: {
        title: 'Get in touch',
        fields: [
          { label: 'Name', type: 'text', required: true },
          { label: 'E-mail', type: 'email', required: true },
        ],
        submit: 'Send',
      },
    },
    Quiz: {
      label: 'Quiz',
      fields: {
        ...intro,
        questions: several(
          'Questions',
          {
            question: line('Question'),
            multiple: flag('Several answers'),
            answers: several(
              'Answers',
              { label: line('Answer'), href: href('Speaks for the result') },
              { label: 'An answer', href: '' },
              'label',
            ),
          },
          { question: 'A question?', answers: [{ label: 'Yes' }, { label: 'No' }] },
          'question',
        ),
        submit: line('Words of the button'),
      },
      begin: {
        title: 'What suits you?',
        questions: [{ question: 'When do you begin?', answers: [{ label: 'Today' }, { label: 'Soon' }] }],
        submit: 'See your result',
      },
    },
    Countdown: {
      label: 'Countdown',
      fields: { title: line('Heading'), until: line('Until (2026-12-31T23:59:00Z)'), text: words('Text') },
      begin: { title: 'Doors close', until: '2027-01-31T23:00:00Z' },
    },
    Stats: {
      label: 'Figures',
      fields: {
        ...intro,
        items: several(
          'Figures',
          { value: line('Figure'), label: line('Of what') },
          { value: '100', label: 'days' },
          'label',
        ),
      },
      begin: {
        items: [
          { value: '1,200', label: 'customers' },
          { value: '98 %', label: 'come back' },
        ],
      },
    },
    Logos: {
      label: 'Row of logos',
      fields: {
        title: line('Heading'),
        names: linesField('Names, a line each'),
        images: several('Logos', pictureFields, { src: '', alt: 'A company' }, 'alt'),
      },
      begin: { title: 'They work with us', names: ['Northwind', 'Harbour', 'Acre'] },
    },
    Columns: {
      label: 'Columns',
      fields: { columns: several('Columns', { content: { type: 'slot' } }, { content: [] }, 'name') },
      begin: { columns: [{ content: [] }, { content: [] }] },
    },
    Divider: { label: 'Line', fields: {}, begin: {} },
    Spacer: {
      label: 'Space',
      fields: { size: oneOf('Size', { Small: 'small', Medium: 'medium', Large: 'large' }) },
      begin: { size: 'medium' },
    },
    Embed: {
      label: 'Embedded page',
      fields: { title: line('What it is'), href: line('Address (https)'), text: words('Text') },
      begin: { title: 'A map', href: '' },
    },
    Footer: {
      label: 'Footer',
      fields: { brand: line('Name'), text: words('Text'), links: links(), legal: line('Small print') },
      begin: { brand: 'Your name', legal: '© Your name' },
    },
  }
}
