import { type Business, block, features, link, page, stats, voices } from './builders'
import { article, legalPages } from './page-kinds'

export const business: Business = {
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

export const guests = voices('Our guests', [
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

export const sitePages = [
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
