import {
  type Business,
  block,
  type DemoBlock,
  type DemoPage,
  faq,
  features,
  type Item,
  link,
  page,
  steps,
} from './builders'

interface Step {
  readonly business: Business
  /** Begins the key of each page of the funnel. */
  readonly funnel: string
}

/** Something for an e-mail address. */
export const optIn = (
  { business, funnel }: Step,
  copy: {
    title: string
    text: string
    submit: string
    next: string
    art: string
    points: readonly Item[]
    pointsTitle: string
    seo: string
  },
): DemoPage =>
  page(business, { key: `${funnel}-start`, name: 'Opt-in', title: copy.title, seo: copy.seo }, [
    block('Hero', {
      title: copy.title,
      text: copy.text,
      image: `art:${copy.art}`,
      note: 'Free. One e-mail with the download, then one a week. Leave with one click.',
    }),
    block('Form', {
      title: 'Where shall we send it?',
      fields: [
        { label: 'First name', type: 'text', required: true },
        { label: 'E-mail', type: 'email', required: true, placeholder: 'you@example.com' },
      ],
      submit: copy.submit,
      href: `page:${copy.next}`,
    }),
    features(copy.pointsTitle, copy.points),
  ])

/** After a form: what happens now, and the next thing to look at. */
export const thankYou = (
  { business, funnel }: Step,
  copy: {
    title: string
    text: string
    steps: readonly Item[]
    next: { label: string; href: string }
    key?: string
    name?: string
  },
): DemoPage =>
  page(
    business,
    {
      key: `${funnel}-${copy.key ?? 'thank-you'}`,
      name: copy.name ?? 'Thank you',
      title: copy.title,
      seo: copy.text,
      hidden: true,
    },
    [
      block('Hero', { title: copy.title, text: copy.text, cta: copy.next, align: 'center' }),
      steps('What happens now', copy.steps),
    ],
  )

/** Where the money is asked for: what is in the cart, details, and what speaks for going on. */
export const checkout = (
  { business, funnel }: Step,
  copy: {
    product: string
    price: string
    period?: string
    includes: readonly string[]
    next: string
    promise: string
    questions: readonly Item[]
  },
): DemoPage =>
  page(
    business,
    {
      key: `${funnel}-checkout`,
      name: 'Checkout',
      title: `Your order: ${copy.product}`,
      seo: `Order ${copy.product} from ${business.name}.`,
      hidden: true,
      focused: true,
    },
    [
      block('Heading', { text: `Your order: ${copy.product}` }),
      block('Columns', {
        columns: [
          {
            content: [
              block('Form', {
                fields: [
                  { label: 'Full name', type: 'text', required: true },
                  { label: 'E-mail', type: 'email', required: true },
                  {
                    label: 'Country',
                    type: 'select',
                    required: true,
                    options: ['United States', 'United Kingdom', 'Germany', 'Spain', 'Another country'],
                  },
                  { label: 'VAT number', type: 'text' },
                  { label: 'I have read the terms', type: 'checkbox', required: true },
                ],
                submit: `Pay ${copy.price}`,
                href: `page:${copy.next}`,
                note: 'Payment by card, on the payment provider’s own page.',
              }),
            ],
          },
          {
            content: [
              block('Pricing', {
                plans: [
                  {
                    name: copy.product,
                    price: copy.price,
                    ...(copy.period === undefined ? {} : { period: copy.period }),
                    features: copy.includes,
                  },
                ],
              }),
              block('Text', { text: copy.promise }),
            ],
          },
        ],
      }),
      faq(copy.questions, 'Before you pay'),
    ],
  )

/** One more thing, offered once, between paying and the confirmation. */
export const upsell = (
  { business, funnel }: Step,
  copy: {
    title: string
    text: string
    price: string
    includes: readonly string[]
    accept: string
    next: string
    points: readonly Item[]
  },
): DemoPage =>
  page(
    business,
    {
      key: `${funnel}-upsell`,
      name: 'One-time offer',
      title: copy.title,
      seo: copy.text,
      hidden: true,
      focused: true,
    },
    [
      block('Hero', {
        eyebrow: 'Your order is in. One thing before you go:',
        title: copy.title,
        text: copy.text,
        align: 'center',
      }),
      features('Why it goes well with what you bought', copy.points),
      block('Pricing', {
        plans: [
          {
            name: copy.title,
            price: copy.price,
            period: 'once',
            features: copy.includes,
            cta: link(copy.accept, `page:${copy.next}`),
            highlighted: true,
          },
        ],
      }),
      block('Button', {
        label: 'No, thank you. Take me to my order',
        href: `page:${copy.next}`,
        variant: 'secondary',
        align: 'center',
      }),
    ],
  )

export const confirmation = (
  { business, funnel }: Step,
  copy: { title: string; text: string; steps: readonly Item[]; contact: string },
): DemoPage =>
  page(
    business,
    { key: `${funnel}-confirmation`, name: 'Confirmation', title: copy.title, seo: copy.text, hidden: true },
    [
      block('Hero', {
        eyebrow: 'Confirmed',
        title: copy.title,
        text: copy.text,
        align: 'center',
        cta: link('Back to the home page', `page:${business.home}`),
      }),
      steps('Your next steps', copy.steps),
      block('Text', { text: copy.contact, align: 'center' }),
    ],
  )

/** Paragraphs with headings: about, terms, privacy. */
export const article = (
  business: Business,
  copy: {
    key: string
    name: string
    title: string
    seo: string
    sections: readonly Item[]
    after?: readonly DemoBlock[]
  },
): DemoPage =>
  page(business, copy, [
    block('Hero', { title: copy.title, align: 'left' }),
    ...copy.sections.flatMap(([text, body]) => [
      block('Heading', { text, level: 2 }),
      block('Text', { text: body }),
    ]),
    ...(copy.after ?? []),
  ])

/** What each of these sites has to say by law, in plain words and to be checked by whoever uses it. */
export const legalPages = (
  business: Business,
  site: string,
  facts: { company: string; address: string; email: string; refund: string },
): DemoPage[] => [
  article(business, {
    key: `${site}-privacy`,
    name: 'Privacy',
    title: 'What we know about you, and what we do with it',
    seo: `How ${business.name} handles personal data.`,
    sections: [
      [
        'What we keep',
        'Your name and e-mail when you fill in a form, your order when you buy, and what you write to us. Payments are handled by the payment provider; we never see your card number.',
      ],
      [
        'What we use it for',
        'To send what you asked for, to do what you paid for, and to answer you. The newsletter goes only to people who asked for it, and every issue has a link that ends it.',
      ],
      [
        'What you can ask of us',
        `Ask at any time what we hold about you, have it corrected or deleted, or take it with you. One e-mail to ${facts.email} is enough, and we answer within a week.`,
      ],
    ],
  }),
  article(business, {
    key: `${site}-terms`,
    name: 'Terms',
    title: 'Terms in plain words',
    seo: `The terms of ${business.name}: delivery, refunds, liability.`,
    sections: [
      ['Who you buy from', `${facts.company}, ${facts.address}. Reach us at ${facts.email}.`],
      ['Refunds', facts.refund],
      [
        'Fair use',
        'What you buy is for you. Do not resell it or put it online, and talk to us first if you want to use it with a team.',
      ],
    ],
    after: [
      block('Divider'),
      block('Button', {
        label: 'Back to the home page',
        href: `page:${business.home}`,
        variant: 'secondary',
      }),
    ],
  }),
]
