import {
  type Business,
  block,
  type DemoPage,
  type DemoWorkspace,
  faq,
  features,
  type Item,
  link,
  page,
  ROLE_TEMPLATES,
  stats,
  steps,
  voices,
} from './builders'
import { article, checkout, confirmation, legalPages, optIn, thankYou, upsell } from './page-kinds'

const business: Business = {
  name: 'Casa Lucía',
  claim: 'Valencian kitchen in Ruzafa. Rice on Sundays, catering every day.',
  home: 'site-home',
  links: [
    link('Menu', 'page:menu-overview'),
    link('Catering', 'page:catering-start'),
    link('Gift card', 'page:gift-sales'),
    link('About', 'page:site-about'),
  ],
  cta: link('Book a table', 'page:table-start'),
  legal: '© Casa Lucía. Tell us about allergies before you order.',
  footerLinks: [
    link('Find us', 'page:site-contact'),
    link('Privacy', 'page:site-privacy'),
    link('Terms', 'page:site-terms'),
  ],
}

const guests = voices('Our guests', [
  [
    'The socarrat crackled. My grandmother, who trusts nobody’s rice, asked for the pan to scrape it.',
    'Vicent M.',
    'Sunday guest',
  ],
  [
    'Sixty people, two vegans, one nut allergy, a garden without power. They arrived with a smile and a generator.',
    'Laura P.',
    'Wedding in Xàtiva',
  ],
  [
    'We book the long table every first Friday. They know who wants the corner.',
    'Studio Bancal',
    'Architects next door',
  ],
])

const table = { business, funnel: 'table' }
const catering = { business, funnel: 'catering' }
const gift = { business, funnel: 'gift' }
const club = { business, funnel: 'club' }

const sitePages = [
  page(
    business,
    {
      key: 'site-home',
      name: 'Home',
      title: 'Rice, wood fire, long tables',
      seo: 'Casa Lucía: Valencian rice over orange wood in Ruzafa. Tables, catering, gift cards.',
    },
    [
      block('Hero', {
        eyebrow: 'Ruzafa, Valencia',
        title: 'Rice, wood fire, long tables',
        text: 'We cook what the market had this morning, over orange wood, for people who are not in a hurry.',
        cta: link('Book a table', 'page:table-start'),
        secondary: link('See the menu', 'page:menu-overview'),
        image: 'art:plates-noon',
        imageAlt: 'Three plates',
      }),
      features('Three ways to eat with us', [
        ['Here', 'Lunch from Wednesday to Sunday, dinner on Friday and Saturday.'],
        ['At yours', 'Catering from twelve people, with pans, fire and cooks.'],
        ['As a present', 'A gift card that arrives in a minute and holds for two years.'],
      ]),
      block('Gallery', {
        title: 'From the kitchen',
        images: [
          { src: 'art:plates-rice', caption: 'Arroz al horno, Thursdays' },
          { src: 'art:petals-artichoke', caption: 'Artichokes from Benicarló' },
          { src: 'art:waves-fire', caption: 'Orange wood' },
        ],
      }),
      guests,
    ],
  ),
  article(business, {
    key: 'site-about',
    name: 'About',
    title: 'A kitchen with the door open',
    seo: 'The story of Casa Lucía.',
    sections: [
      [
        '1987',
        'My mother opened with five tables and one dish a day. If you did not like it, you came back tomorrow.',
      ],
      ['Today', 'Eleven tables, two fires and the same rule: we buy first and write the menu after.'],
    ],
    after: [
      stats([
        ['39', 'years in the same street'],
        ['11', 'tables'],
        ['14 km', 'to the rice field'],
      ]),
      block('Button', { label: 'Book a table', href: 'page:table-start' }),
    ],
  }),
  page(
    business,
    {
      key: 'site-contact',
      name: 'Find us',
      title: 'Find us',
      seo: 'Address, opening hours and phone of Casa Lucía.',
    },
    [
      block('Heading', { text: 'Find us' }),
      block('Columns', {
        columns: [
          {
            content: [
              block('Text', {
                text: 'Carrer de Cadis 42\n46006 València\n\nWednesday to Sunday, 13:00 to 16:30\nFriday and Saturday, 20:30 to 23:30',
              }),
              block('Button', { label: 'Call us', href: 'tel:+34960000042', variant: 'secondary' }),
            ],
          },
          {
            content: [
              block('Embed', {
                title: 'the map',
                href: 'https://map.example/casa-lucia',
                text: 'Four minutes from the Russafa stop.',
              }),
            ],
          },
        ],
      }),
    ],
  ),
  ...legalPages(business, 'site', {
    company: 'Casa Lucía S.L.',
    address: 'Carrer de Cadis 42, 46006 València',
    email: 'hola@casalucia.example',
    refund:
      'Deposits for catering go back in full until ten days before the date, half until three days before. Gift cards can be returned unused within 30 days.',
  }),
]

const dishes = (pairs: readonly Item[]) => features('Today, or very nearly', pairs)
const menu = (
  key: string,
  name: string,
  text: string,
  pairs: readonly Item[],
  next: DemoPage['key'],
): DemoPage =>
  page(business, { key: `menu-${key}`, name, title: name, seo: text }, [
    block('Hero', { title: name, text, image: `art:plates-${key}`, imageAlt: '' }),
    dishes(pairs),
    block('Button', { label: 'Book a table', href: 'page:table-start' }),
    block('Button', { label: 'Next card', href: `page:${next}`, variant: 'secondary' }),
  ])

const menuPages = [
  page(
    business,
    {
      key: 'menu-overview',
      name: 'Menu',
      title: 'What we cook',
      seo: 'The menu of Casa Lucía: rice, small plates, sweets and wine.',
    },
    [
      block('Heading', { text: 'What we cook' }),
      block('Pricing', {
        plans: [
          {
            name: 'Lunch of the day',
            price: '€19',
            features: ['Two small plates', 'Rice or fish', 'Fruit or coffee'],
            cta: link('Lunch', 'page:menu-lunch'),
          },
          {
            name: 'Rice for the table',
            price: '€22',
            period: 'a person',
            features: ['From two people', 'Forty minutes over fire', 'Scraping allowed'],
            cta: link('Rice', 'page:menu-rice'),
            highlighted: true,
          },
          {
            name: 'Evening',
            price: '€46',
            features: ['Seven plates', 'What the market had', 'Wine on request'],
            cta: link('Evening', 'page:menu-evening'),
          },
        ],
      }),
    ],
  ),
  menu(
    'lunch',
    'Lunch of the day',
    'Nineteen euros, Wednesday to Friday, until it is gone.',
    [
      ['Esgarraet', 'Peppers from the embers, salt cod, olive oil.'],
      ['Artichoke in ashes', 'With romesco and a spoon.'],
      ['Fideuà of the harbour', 'Whatever the boat had.'],
    ],
    'menu-rice',
  ),
  menu(
    'rice',
    'Rice',
    'Say how many when you book: it goes on the fire when you sit down.',
    [
      ['Paella valenciana', 'Chicken, rabbit, two kinds of beans. No surprises.'],
      ['Arròs negre', 'Cuttlefish, its ink, and allioli from the mortar.'],
      ['Arròs amb verdures', 'Only vegetables, and nobody misses anything.'],
    ],
    'menu-evening',
  ),
  menu(
    'evening',
    'Evening',
    'Seven plates, written at six and gone by midnight.',
    [
      ['Oysters from the delta', 'With lemon from the courtyard.'],
      ['Lamb shoulder', 'Nine hours in the falling heat.'],
      ['Burnt cream', 'Burnt at the table, by you if you dare.'],
    ],
    'menu-lunch',
  ),
]

const tablePages = [
  page(
    business,
    {
      key: 'table-start',
      name: 'Book a table',
      title: 'Book a table',
      seo: 'Book a table at Casa Lucía online.',
    },
    [
      block('Form', {
        title: 'Book a table',
        text: 'For more than ten people, ask for the long table on the phone.',
        fields: [
          { label: 'Name', type: 'text', required: true },
          { label: 'Phone', type: 'tel', required: true },
          { label: 'Day', type: 'date', required: true },
          { label: 'Time', type: 'time', required: true },
          { label: 'People', type: 'number', required: true },
          { label: 'Allergies, chairs for children, a birthday?', type: 'textarea' },
        ],
        submit: 'Ask for the table',
        href: 'page:table-thank-you',
      }),
      faq([
        [
          'How long is the table ours?',
          'At lunch, as long as you like. In the evening two and a half hours.',
        ],
        ['Do you take dogs?', 'On the terrace, with pleasure and water.'],
      ]),
    ],
  ),
  thankYou(table, {
    title: 'We have your request',
    text: 'You get a message within the hour while we are open, else tomorrow at eleven.',
    steps: [
      ['We confirm', 'By message, with the name of whoever will look after you.'],
      ['You choose the rice', 'Answer with a number, and it will be on the fire in time.'],
      ['Something comes up?', 'Call until noon; the table makes somebody else happy.'],
    ],
    next: link('Choose your rice', 'page:menu-rice'),
  }),
]

const cateringPages = [
  page(
    business,
    {
      key: 'catering-start',
      name: 'Catering',
      title: 'We bring the fire',
      seo: 'Catering in and around Valencia: rice over wood fire for 12 to 200 people.',
    },
    [
      block('Hero', {
        eyebrow: 'Catering for 12 to 200',
        title: 'We bring the fire',
        text: 'Pans, wood, cooks, plates. You bring the people and the shade.',
        cta: link('Ask for a date', 'page:catering-ask'),
        secondary: link('See the packages', 'page:catering-packages'),
        image: 'art:waves-pan',
        imageAlt: 'Waves',
      }),
      steps('How it goes', [
        ['You ask', 'Date, place, about how many.'],
        ['We answer with a price', 'By the next working day, with two menus.'],
        ['You pay a deposit', 'A third. The date is yours.'],
        ['We cook', 'And leave the garden as it was.'],
      ]),
      guests,
    ],
  ),
  page(
    business,
    {
      key: 'catering-packages',
      name: 'Packages',
      title: 'Three packages',
      seo: 'Catering packages and prices.',
    },
    [
      block('Pricing', {
        title: 'Three packages',
        plans: [
          {
            name: 'Rice',
            price: '€28',
            period: 'a person',
            features: ['One paella', 'Salad, bread, fruit'],
            cta: link('Ask', 'page:catering-ask'),
          },
          {
            name: 'Feast',
            price: '€46',
            period: 'a person',
            features: ['Five small plates', 'Two kinds of rice', 'Sweets', 'Service'],
            cta: link('Ask', 'page:catering-ask'),
            highlighted: true,
          },
          {
            name: 'Wedding',
            price: '€79',
            period: 'a person',
            features: ['Everything of the feast', 'Wine and water', 'Midnight snack'],
            cta: link('Ask', 'page:catering-ask'),
          },
        ],
      }),
    ],
  ),
  page(
    business,
    {
      key: 'catering-ask',
      name: 'Ask for a date',
      title: 'Ask for a date',
      seo: 'Ask Casa Lucía for a catering date.',
    },
    [
      block('Form', {
        title: 'Ask for a date',
        fields: [
          { label: 'Name', type: 'text', required: true },
          { label: 'E-mail', type: 'email', required: true },
          { label: 'Date', type: 'date', required: true },
          { label: 'People', type: 'number', required: true },
          { label: 'Place', type: 'text', placeholder: 'Town, and is there shade?' },
        ],
        submit: 'Ask',
        href: 'page:catering-thank-you',
      }),
    ],
  ),
  thankYou(catering, {
    title: 'Thank you, Lucía is on it',
    text: 'You get two menus with prices by the next working day.',
    steps: [
      ['Look at the menus', 'Change what you like; we say if it works.'],
      ['Come and taste', 'Thursdays at five, for two, on us.'],
      ['Secure the date', 'With a deposit of a third.'],
    ],
    next: link('Pay the deposit', 'page:catering-checkout'),
  }),
  checkout(catering, {
    product: 'Deposit for your date',
    price: '€200',
    includes: ['Your date is blocked', 'Counts towards the bill', 'Back in full until ten days before'],
    next: 'catering-confirmation',
    promise: 'If we cannot come, you get it back twice.',
    questions: [['What if it rains?', 'We bring a roof for the fire. You need one for the people.']],
  }),
  confirmation(catering, {
    title: 'The date is yours',
    text: 'It is in our book, in ink. The receipt is in your inbox.',
    steps: [
      ['Ten days before', 'Tell us the final number and who cannot eat what.'],
      ['Three days before', 'We come by and look where the fire goes.'],
      ['On the day', 'We are there three hours before you eat.'],
    ],
    contact: 'Lucía answers at hola@casalucia.example.',
  }),
]

const giftPages = [
  page(
    business,
    {
      key: 'gift-sales',
      name: 'Gift card',
      title: 'Give somebody a long lunch',
      seo: 'Gift cards of Casa Lucía: by mail in a minute, good for two years.',
    },
    [
      block('Hero', {
        title: 'Give somebody a long lunch',
        text: 'In their inbox in a minute, or printed on thick paper by post. Good for two years, for everything on the card.',
        cta: link('Buy for €80', 'page:gift-checkout'),
        image: 'art:petals-present',
        imageAlt: 'Petals',
      }),
      faq([
        ['Can it be used in parts?', 'Yes, until it is empty.'],
        [
          'What if they live far away?',
          'It holds for two years. Everybody comes to Valencia once in two years.',
        ],
      ]),
    ],
  ),
  checkout(gift, {
    product: 'Lunch for two',
    price: '€80',
    includes: ['Rice for two', 'Two small plates', 'A bottle of the house'],
    next: 'gift-upsell',
    promise: 'Unused cards can be returned within 30 days.',
    questions: [['When does it arrive?', 'At once, or on the morning you choose.']],
  }),
  upsell(gift, {
    title: 'Add the apron',
    text: 'Heavy cotton, pockets where you need them, the name of the house very small.',
    price: '€24',
    includes: ['One size', 'Washed once already', 'Wrapped with the card'],
    accept: 'Put it with my order',
    next: 'gift-confirmation',
    points: [
      ['Something to unwrap', 'A card is flat. An apron is not.'],
      ['Made around the corner', 'By Amparo, who also makes ours.'],
    ],
  }),
  confirmation(gift, {
    title: 'The present is on its way',
    text: 'To the address you gave, on the day you chose. The receipt came to you alone.',
    steps: [
      ['Say nothing', 'They will write to you.'],
      ['Remind them once', 'Before summer, when tables are scarce.'],
    ],
    contact: 'Wrong address? Write to hola@casalucia.example and we change it.',
  }),
]

const clubPages = [
  optIn(club, {
    title: 'The Thursday letter',
    text: 'What came to the market, what we make of it, and five tables that were cancelled.',
    submit: 'Write to me on Thursdays',
    next: 'club-thank-you',
    art: 'hills-market',
    seo: 'The weekly letter of Casa Lucía with the menu and free tables.',
    pointsTitle: 'What is in it',
    points: [
      ['The card before the card', 'You know on Thursday what we cook on Sunday.'],
      ['Cancelled tables', 'Readers get them first.'],
      ['One recipe', 'Small enough for a weekday.'],
    ],
  }),
  thankYou(club, {
    title: 'See you on Thursday',
    text: 'The first letter comes this week, around eleven.',
    steps: [
      ['Confirm your address', 'One click in the mail that has just arrived.'],
      ['Keep us out of the spam', 'Put hola@casalucia.example into your contacts.'],
    ],
    next: link('Look at the menu', 'page:menu-overview'),
  }),
]

/** A restaurant's kit: site, menu, tables, catering with deposit, gift cards, letter. */
export const restaurant: DemoWorkspace = {
  name: 'Restaurant & Catering Kit',
  description:
    'For restaurants that also cook elsewhere: site and menu, table requests, a catering funnel from question to deposit, gift cards with a one-time offer, and a weekly letter. Warm, short texts you can adapt in an afternoon.',
  settings: {
    language: 'en',
    timeZone: 'Europe/Madrid',
    dateFormat: 'DD/MM/YYYY',
    cookieConsent: { enabled: false },
  },
  themes: [
    {
      key: 'noon',
      name: 'Noon',
      tokens: {
        background: '#fdfbf3',
        text: '#2b2118',
        accent: '#9a3412',
        radius: 'none',
        font: 'oldstyle',
        spacing: 'roomy',
      },
    },
    {
      key: 'ember',
      name: 'Ember',
      tokens: {
        background: '#1b1512',
        text: '#f7ede2',
        accent: '#f59e0b',
        radius: 'none',
        font: 'oldstyle',
        spacing: 'normal',
      },
    },
  ],
  roleTemplates: ROLE_TEMPLATES,
  funnels: [
    {
      name: 'Website',
      slug: 'site',
      status: 'LIVE',
      theme: 'noon',
      settings: { seoTitle: 'Casa Lucía' },
      tracking: { googleAnalyticsId: 'G-CASALUCIA9' },
      pages: sitePages,
    },
    { name: 'Menu', slug: 'menu', status: 'LIVE', theme: 'noon', settings: {}, pages: menuPages },
    { name: 'Tables', slug: 'tables', status: 'LIVE', theme: 'noon', settings: {}, pages: tablePages },
    {
      name: 'Catering',
      slug: 'catering',
      status: 'LIVE',
      theme: 'ember',
      settings: {},
      tracking: { metaPixelId: '905577120463' },
      pages: cateringPages,
    },
    {
      name: 'Gift cards',
      slug: 'gifts',
      status: 'LIVE',
      theme: 'global:daylight',
      settings: {},
      pages: giftPages,
    },
    {
      name: 'Thursday letter',
      slug: 'letter',
      status: 'DRAFT',
      theme: 'global:midnight',
      settings: {},
      pages: clubPages,
    },
  ],
}
