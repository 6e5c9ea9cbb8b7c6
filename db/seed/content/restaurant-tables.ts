import { block, type DemoPage, faq, features, type Item, link, page } from './builders'
import { thankYou } from './page-kinds'

import { business } from './restaurant-site'

const table = { business, funnel: 'table' }
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

export const menuPages = [
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

export const tablePages = [
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
