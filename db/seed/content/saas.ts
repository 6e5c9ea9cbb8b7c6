import { block, type DemoWorkspace, features, type Item, link, page, ROLE_TEMPLATES } from './builders'
import { checkout, confirmation, optIn, thankYou, upsell } from './page-kinds'

import { business, sitePages } from './saas-site'

const webinar = { business, funnel: 'webinar' }
const trial = { business, funnel: 'trial' }
const guide = { business, funnel: 'guide' }

const webinarPages = [
  page(
    business,
    {
      key: 'webinar-register',
      name: 'Registration',
      title: 'The two-day close, live',
      seo: 'A free 45-minute webinar: a real month, closed in front of you.',
    },
    [
      block('Hero', {
        eyebrow: 'Free webinar, 45 minutes',
        title: 'The two-day close, live',
        text: 'We take the March of a real company, with all its mess, and close it in front of you. Questions welcome, slides not.',
        image: 'art:rings-live',
        imageAlt: 'Rings',
      }),
      block('Countdown', {
        title: 'Next session',
        until: '2027-02-11T15:00:00Z',
        text: 'Repeated every second Thursday.',
      }),
      block('Form', {
        title: 'Save a seat',
        fields: [
          { label: 'Name', type: 'text', required: true },
          { label: 'Work e-mail', type: 'email', required: true },
          { label: 'Working days your close takes today', type: 'number' },
        ],
        submit: 'Save my seat',
        href: 'page:webinar-thank-you',
      }),
      features('You will leave with', [
        ['A checklist', 'Forty-one steps with owners. Use it with or without us.'],
        ['Matching rules', 'The twelve that catch most lines, for any system.'],
        ['An honest number', 'How many days you could save, and what it takes.'],
      ]),
    ],
  ),
  thankYou(webinar, {
    title: 'Your seat is saved',
    text: 'The link is in your inbox and in the calendar entry attached to it.',
    steps: [
      ['Accept the calendar entry', 'It reminds you ten minutes before.'],
      ['Send us your ugliest booking', 'We pick three and solve them live, without names.'],
      ['Bring a colleague', 'The link works for two.'],
    ],
    next: link('Get the checklist now', 'page:guide-start'),
  }),
  page(
    business,
    {
      key: 'webinar-live',
      name: 'Live room',
      title: 'We start on the hour',
      seo: 'The live room of the webinar.',
      hidden: true,
      focused: true,
    },
    [
      block('Video', {
        title: 'The two-day close, live',
        href: 'https://video.example/ledgerly/live',
        poster: 'art:bars-live',
        length: '45 min',
      }),
      block('Text', { text: 'No sound? Reload once; it helps nine times out of ten.' }),
      block('Button', { label: 'Start a trial with the webinar’s checklist', href: 'page:trial-start' }),
    ],
  ),
  page(
    business,
    {
      key: 'webinar-replay',
      name: 'Replay',
      title: 'You missed it? Here it is',
      seo: 'The recording of the webinar, for seven days.',
      hidden: true,
    },
    [
      block('Video', {
        title: 'The two-day close (recording)',
        href: 'https://video.example/ledgerly/replay',
        poster: 'art:rings-replay',
        length: '45 min',
      }),
      features('Short of time?', [
        ['Minute 6', 'The month before: what the mess looks like.'],
        ['Minute 19', 'Twelve rules, and 96 % is gone.'],
        ['Minute 38', 'Questions: multi-currency, factoring, cash.'],
      ]),
      block('Countdown', { title: 'Online until', until: '2027-02-18T22:00:00Z' }),
      block('Button', { label: 'Start a trial', href: 'page:trial-start' }),
    ],
  ),
]

const trialPages = [
  page(
    business,
    {
      key: 'trial-start',
      name: 'Start',
      title: 'Fourteen days with your own numbers',
      seo: 'Start a free 14-day trial of Ledgerly.',
    },
    [
      block('Hero', {
        title: 'Fourteen days with your own numbers',
        text: 'No card. Connect a bank account, go home, and look tomorrow morning.',
        align: 'center',
      }),
      block('Form', {
        fields: [
          { label: 'Work e-mail', type: 'email', required: true },
          { label: 'Company', type: 'text', required: true },
          { label: 'Accounting system', type: 'select', options: ['Xero', 'QuickBooks', 'DATEV', 'Another'] },
        ],
        submit: 'Start the trial',
        href: 'page:trial-thank-you',
      }),
    ],
  ),
  thankYou(trial, {
    title: 'Check your inbox to begin',
    text: 'One click confirms your address and opens your account.',
    steps: [
      ['Connect one bank account', 'Read-only, three minutes.'],
      ['Connect your books', 'Also read-only. Nothing is written in the trial.'],
      ['Sleep', 'The first matching runs at three in the morning.'],
    ],
    next: link('Choose a plan already', 'page:trial-checkout'),
  }),
  checkout(trial, {
    product: 'Ledgerly Team',
    price: '$199',
    period: 'a month',
    includes: ['Five companies', '20,000 bank lines', 'Close checklist', 'Auditor access'],
    next: 'trial-upsell',
    promise: 'Cancel in two clicks, any day. What you built in the trial stays.',
    questions: [
      ['Do you invoice?', 'Yearly plans, yes. Monthly ones are paid by card.'],
      ['Is VAT included?', 'It is shown before you pay; with a VAT number it is reverse-charged.'],
    ],
  }),
  upsell(trial, {
    title: 'Set-up with a bookkeeper',
    text: 'Ninety minutes on a call with somebody who has set up three hundred of these, in your account, with your rules.',
    price: '$149',
    includes: [
      '90 minutes, screen shared',
      'Your twelve rules written',
      'A second call after the first close',
    ],
    accept: 'Book the set-up',
    next: 'trial-confirmation',
    points: [
      ['Skip the first bad month', 'Teams with a set-up call close two days faster in month one.'],
      ['You keep the notes', 'Rules in plain words, for whoever comes after you.'],
    ],
  }),
  confirmation(trial, {
    title: 'You are on Team',
    text: 'Thank you. The receipt is in your inbox, and nothing about your data has changed.',
    steps: [
      ['Invite your colleagues', 'Seats cost nothing.'],
      ['Switch on posting', 'When you trust it, and not a day earlier.'],
      ['Put your close date in', 'The checklist counts back from there.'],
    ],
    contact: 'Questions? help@ledgerly.example answers on working days within four hours.',
  }),
]

const letters: readonly Item[] = [
  [
    'Your close, minute by minute',
    'We watched nine teams with a stopwatch. Half of the time went into looking for things, not into booking them. Today: where yours goes, and a sheet to find out.',
  ],
  [
    'The rule that saves most',
    'If amount and reference agree, stop looking at the date. It sounds careless. In two years and four million lines it was wrong eleven times, and each showed up in the review.',
  ],
  [
    'What auditors really want',
    'Not more paper: the way from a number to a document in two clicks. If you have that, samples take minutes.',
  ],
]

const guidePages = [
  optIn(guide, {
    title: 'The 41-step close checklist',
    text: 'Every step of a month-end close with owner, day and “done when”. As a spreadsheet, without a logo on it.',
    submit: 'Send the checklist',
    next: 'guide-thank-you',
    art: 'bars-checklist',
    seo: 'A free month-end checklist with 41 steps.',
    pointsTitle: 'Made by people who close',
    points: [
      ['Working days, not dates', 'So it fits every month, February too.'],
      ['Done means done', 'Each step says what has to be true.'],
      ['Cut it down', 'Steps you do not need are marked as such.'],
    ],
  }),
  thankYou(guide, {
    title: 'The checklist is in your inbox',
    text: 'Print it once and cross out what is not yours. Most teams keep twenty-six steps.',
    steps: [
      ['Cross out', 'Ten minutes, with a pencil.'],
      ['Put names on it', 'One name a step. Two names are none.'],
      ['Use it this month', 'It will be wrong in three places. Change those.'],
    ],
    next: link('See it used, live', 'page:webinar-register'),
  }),
  ...letters.map(([title, text], i) =>
    page(business, { key: `guide-letter-${i + 1}`, name: `Letter ${i + 1}`, title, seo: title }, [
      block('Heading', { text: title }),
      block('Text', { text, lead: true }),
      block('Image', { src: `art:waves-letter-${i + 1}`, alt: '' }),
      block('Button', {
        label: i === 2 ? 'Start a trial' : 'Save a seat in the webinar',
        href: i === 2 ? 'page:trial-start' : 'page:webinar-register',
      }),
    ]),
  ),
]

/** A software company's kit: site, webinar, trial with checkout, guide and letters. */
export const saas: DemoWorkspace = {
  name: 'SaaS Webinar & Nurture Kit',
  description:
    'A complete path for B2B software from first visit to paid plan: site with pricing and customers, a webinar with live room and replay, a trial with checkout and set-up offer, and a guide with letters that lead back to the webinar.',
  settings: {
    language: 'en',
    timeZone: 'Europe/London',
    dateFormat: 'YYYY-MM-DD',
    cookieConsent: { enabled: true, text: 'We measure which pages help. Nothing else.' },
  },
  themes: [
    {
      key: 'ledger',
      name: 'Ledger',
      tokens: {
        background: '#f8fafc',
        text: '#0f172a',
        accent: '#1d4ed8',
        radius: 'small',
        font: 'system',
        headingFont: 'geometric',
        spacing: 'normal',
      },
    },
    {
      key: 'stage',
      name: 'Stage',
      tokens: {
        background: '#0b1220',
        text: '#e6edf7',
        accent: '#38bdf8',
        radius: 'small',
        font: 'system',
        headingFont: 'geometric',
        spacing: 'roomy',
      },
    },
  ],
  roleTemplates: ROLE_TEMPLATES,
  funnels: [
    {
      name: 'Website',
      slug: 'site',
      status: 'LIVE',
      theme: 'ledger',
      settings: { seoTitle: 'Ledgerly' },
      tracking: { googleAnalyticsId: 'G-LEDG3RLY01' },
      pages: sitePages,
    },
    {
      name: 'Webinar',
      slug: 'webinar',
      status: 'LIVE',
      theme: 'stage',
      settings: {},
      tracking: { googleAnalyticsId: 'G-LEDG3RLY01', metaPixelId: '730114559028' },
      pages: webinarPages,
    },
    {
      name: 'Trial',
      slug: 'trial',
      status: 'LIVE',
      theme: 'ledger',
      settings: {},
      tracking: { googleAnalyticsId: 'G-LEDG3RLY01' },
      pages: trialPages,
    },
    {
      name: 'Guide and letters',
      slug: 'guide',
      status: 'LIVE',
      theme: 'global:midnight',
      settings: {},
      pages: guidePages,
    },
  ],
}
