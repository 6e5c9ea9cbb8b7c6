import { type Business, block, faq, features, link, page, stats, steps, voices } from './builders'
import { article, legalPages } from './page-kinds'

export const business: Business = {
  name: 'Ledgerly',
  claim: 'Closes the month of small finance teams in two days instead of eight.',
  home: 'site-home',
  links: [
    link('Product', 'page:site-product'),
    link('Pricing', 'page:site-pricing'),
    link('Webinar', 'page:webinar-register'),
    link('Customers', 'page:site-customers'),
  ],
  cta: link('Start a trial', 'page:trial-start'),
  legal: '© Ledgerly Ltd. All figures are those of the customers named.',
  footerLinks: [
    link('Security', 'page:site-security'),
    link('Privacy', 'page:site-privacy'),
    link('Terms', 'page:site-terms'),
  ],
}

const customers = voices('What finance teams say', [
  [
    'We used to close on the eighth working day. In the third month with Ledgerly it was the second, and nobody stayed late.',
    'Helen Okafor',
    'Head of Finance, Northbeam Logistics',
  ],
  [
    'The auditors asked for forty samples. It took us an hour, because every number knows where it comes from.',
    'Piotr Zielinski',
    'Controller, Hafen & Co',
  ],
  [
    'I expected a project. It was an afternoon: bank, shop, payroll, done.',
    'Dana Reyes',
    'Founder, Kiln Studio',
  ],
])

export const sitePages = [
  page(
    business,
    {
      key: 'site-home',
      name: 'Home',
      title: 'Close the month in two days',
      seo: 'Ledgerly matches, checks and explains every booking, so small finance teams close in two days.',
    },
    [
      block('Hero', {
        eyebrow: 'For finance teams of one to ten',
        title: 'Close the month in two days',
        text: 'Ledgerly matches bank, shop and payroll with your books every night, and shows you only what does not fit.',
        cta: link('Start a 14-day trial', 'page:trial-start'),
        secondary: link('Watch the webinar', 'page:webinar-register'),
        image: 'art:bars-close',
        imageAlt: 'A chart in a window',
      }),
      block('Logos', {
        title: 'Closing with Ledgerly',
        names: ['Northbeam', 'Hafen & Co', 'Kiln Studio', 'Pinewood Dental', 'Oriel Books'],
      }),
      features('Three things that cost you the first week', [
        ['Matching', 'Ninety-six of a hundred bank lines match by themselves. You look at four.'],
        ['Chasing receipts', 'Colleagues get one polite message with a link, and a second one on Thursday.'],
        ['Explaining', 'Click a number, see the bookings. Click a booking, see the document.'],
      ]),
      stats([
        ['2 days', 'median close after three months'],
        ['96 %', 'of bank lines match by themselves'],
        ['320', 'finance teams'],
      ]),
      customers,
    ],
  ),
  page(
    business,
    {
      key: 'site-product',
      name: 'Product',
      title: 'How it works',
      seo: 'How Ledgerly matches, checks and explains bookings.',
    },
    [
      block('Hero', {
        title: 'It works at night, you decide in the morning',
        text: 'Nothing is posted without you. Ledgerly proposes, you approve, and the trail is kept.',
        image: 'art:bars-night',
        imageAlt: 'A dashboard',
      }),
      steps('From sources to a closed month', [
        ['Connect', 'Bank, shop, payroll and your accounting system. Read-only until you say otherwise.'],
        ['Match', 'Every night, by amount, date, reference and what you did last time.'],
        ['Review', 'A list of exceptions with a proposal for each, sorted by money.'],
        ['Close', 'A checklist with names and dates. When all is ticked, the period locks.'],
      ]),
      block('Button', { label: 'See it in the webinar', href: 'page:webinar-register' }),
    ],
  ),
  page(
    business,
    {
      key: 'site-pricing',
      name: 'Pricing',
      title: 'Pricing',
      seo: 'Ledgerly costs 79 or 199 dollars a month, without a setup fee.',
    },
    [
      block('Pricing', {
        title: 'Pay by company, not by seat',
        text: 'No setup fee, no minimum term.',
        plans: [
          {
            name: 'Solo',
            price: '$79',
            period: 'a month',
            features: ['One company', '2,000 bank lines', 'Two connections'],
            cta: link('Start a trial', 'page:trial-start'),
          },
          {
            name: 'Team',
            price: '$199',
            period: 'a month',
            features: [
              'Five companies',
              '20,000 bank lines',
              'All connections',
              'Close checklist',
              'Auditor access',
            ],
            cta: link('Start a trial', 'page:trial-start'),
            highlighted: true,
          },
        ],
      }),
      faq([
        [
          'What happens after the trial?',
          'Nothing by itself: you choose a plan or the account goes read-only.',
        ],
        ['Can our auditor look in?', 'Yes, read-only and free, for as long as you like.'],
        ['Do you have yearly prices?', 'Ten months for twelve, at checkout.'],
      ]),
    ],
  ),
  page(
    business,
    {
      key: 'site-customers',
      name: 'Customers',
      title: 'Three closes, before and after',
      seo: 'How three companies shortened their monthly close.',
    },
    [
      block('Heading', { text: 'Three closes, before and after' }),
      stats([
        ['8 → 2 days', 'Northbeam Logistics'],
        ['11 → 3 days', 'Hafen & Co'],
        ['5 → 1 day', 'Kiln Studio'],
      ]),
      customers,
      block('Button', { label: 'Try it with your own month', href: 'page:trial-start' }),
    ],
  ),
  article(business, {
    key: 'site-security',
    name: 'Security',
    title: 'How we look after your numbers',
    seo: 'Where Ledgerly keeps data and who can see it.',
    sections: [
      [
        'Where',
        'In Frankfurt and Dublin, encrypted on disk and on the way, with backups we restore from every Monday to know that they work.',
      ],
      ['Who', 'Four people can reach production. Each access is logged, needs a second key and a reason.'],
      ['What if', 'We write within 24 hours to everyone concerned, with what we know and what we do not.'],
    ],
  }),
  ...legalPages(business, 'site', {
    company: 'Ledgerly Ltd.',
    address: '14 Brewer Row, London E2 8AA',
    email: 'help@ledgerly.example',
    refund:
      'Cancel whenever you like; the month you have paid runs to its end. If something of ours did not work, tell us and we refund the month.',
  }),
]
