import { block, type DemoWorkspace, faq, link, page, ROLE_TEMPLATES, steps } from './builders'
import { checkout, confirmation, optIn, thankYou, upsell } from './page-kinds'

import { business, guests, sitePages } from './restaurant-site'
import { menuPages, tablePages } from './restaurant-tables'

const catering = { business, funnel: 'catering' }
const gift = { business, funnel: 'gift' }
const club = { business, funnel: 'club' }

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
