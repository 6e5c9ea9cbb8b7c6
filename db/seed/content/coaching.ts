import { block, type DemoWorkspace, link, page, ROLE_TEMPLATES, steps } from './builders'
import { programPages } from './coaching-program'
import { business, sitePages } from './coaching-site'
import { optIn, thankYou } from './page-kinds'

const challenge = { business, funnel: 'challenge' }
const call = { business, funnel: 'call' }

const challengePages = [
  optIn(challenge, {
    title: 'Five days, fifteen minutes, no excuses needed',
    text: 'A free challenge: one short session a day, in your living room, without equipment. On Friday you will know what training three times a week could feel like.',
    submit: 'Send me day one',
    next: 'challenge-thank-you',
    art: 'waves-morning',
    seo: 'A free five-day strength challenge: fifteen minutes a day, no equipment.',
    pointsTitle: 'What is in the five days',
    points: [
      ['Monday: legs', 'Squats to a chair and the reason why your heels should stay down.'],
      ['Wednesday: pushing', 'From the wall to the floor, at your own height.'],
      ['Friday: all together', 'One round that you can repeat for the rest of your life.'],
    ],
  }),
  thankYou(challenge, {
    title: 'Day one is on its way',
    text: 'Look into your inbox in the next five minutes. Meanwhile, here is how to prepare.',
    steps: [
      [
        'Open the first e-mail',
        'It is called “Day one: legs”. If it is not there, look into the spam folder and move it out.',
      ],
      ['Put a chair against a wall', 'That is all the equipment you need.'],
      ['Choose your quarter of an hour', 'Same time every day works best. Before the shower is ideal.'],
    ],
    next: link('Look at the full programme', 'page:program-sales'),
  }),
  page(
    business,
    {
      key: 'challenge-day-5',
      name: 'Day five',
      title: 'You did five days. What about twelve weeks?',
      seo: 'The end of the five-day challenge, and what comes next.',
      hidden: true,
    },
    [
      block('Video', {
        title: 'Day five: all together',
        href: 'https://video.example/strong-by-nora/day-5',
        poster: 'art:rings-day-five',
        length: '14 min',
      }),
      block('Text', {
        text: 'Whoever trains five days in a row can train thirty-six times in twelve weeks. It is the same thing, with days off in between.',
        lead: true,
      }),
      block('Countdown', {
        title: 'Your price as a finisher',
        until: '2027-03-31T22:00:00Z',
        text: 'People who finished the challenge pay 89 instead of 129.',
      }),
      block('Button', { label: 'Get the programme for 89', href: 'page:program-checkout' }),
    ],
  ),
]

const callPages = [
  page(
    business,
    {
      key: 'call-start',
      name: 'Apply',
      title: 'Train with me, one to one',
      seo: 'Apply for one-to-one strength coaching with Nora: eight places.',
    },
    [
      block('Hero', {
        eyebrow: 'Eight places',
        title: 'Train with me, one to one',
        text: 'A weekly plan written for you, video feedback on everything, and a call every second week.',
        align: 'center',
      }),
      block('Form', {
        title: 'Tell me a little',
        fields: [
          { label: 'Name', type: 'text', required: true },
          { label: 'E-mail', type: 'email', required: true },
          { label: 'Phone', type: 'tel' },
          { label: 'What do you want to be able to do in six months?', type: 'textarea', required: true },
          { label: 'How many days a week are realistic?', type: 'number' },
        ],
        submit: 'Apply',
        href: 'page:call-book',
      }),
    ],
  ),
  page(
    business,
    {
      key: 'call-book',
      name: 'Book a call',
      title: 'Choose a time for our call',
      seo: 'Book a first call with Nora.',
      hidden: true,
    },
    [
      block('Heading', { text: 'Choose a time for our call' }),
      block('Text', {
        text: 'Twenty minutes, by phone or video. You tell me what you want, I tell you honestly if I am the right one for it.',
      }),
      block('Embed', {
        title: 'the calendar',
        href: 'https://calendar.example/strong-by-nora',
        text: 'Times are shown in your own time zone.',
      }),
      block('Button', { label: 'I have booked', href: 'page:call-thank-you' }),
    ],
  ),
  thankYou(call, {
    title: 'We have a date',
    text: 'The invitation is in your inbox. Here is how to make the most of twenty minutes.',
    steps: [
      ['Write down one wish', 'Not “fitter”, but “carry the canoe alone”.'],
      ['Film one squat', 'From the side, in daylight. It tells me more than a questionnaire.'],
      ['Bring your calendar', 'We look for half hours that are really there.'],
    ],
    next: link('Read about me', 'page:site-about'),
  }),
  page(
    business,
    {
      key: 'call-onboarding',
      name: 'For clients: first week',
      title: 'Your first week',
      seo: 'For coaching clients.',
      hidden: true,
    },
    [
      block('Hero', {
        title: 'Your first week',
        text: 'You are in. This page is for the eight of us only.',
        align: 'left',
      }),
      steps('From today to Sunday', [
        ['Upload your squat, press and row', 'Three videos of ten seconds each.'],
        ['Fill in the week sheet', 'When are you free, when are you tired, when are you alone?'],
        [
          'Get your plan by Sunday evening',
          'It starts on Monday with the easiest session you will ever have.',
        ],
      ]),
      block('Button', { label: 'Back to the home page', href: 'page:site-home', variant: 'secondary' }),
    ],
  ),
]

/** A fitness coach's kit: site, free challenge, programme, one-to-one coaching. */
export const coaching: DemoWorkspace = {
  name: 'Coach Launch Kit',
  description:
    'Everything a coach needs to go from a free challenge to paying clients: a site, a five-day challenge, a programme with checkout and one-time offer, and an application funnel for one-to-one places. Written for strength training; change the words and it fits yoga, running or nutrition.',
  settings: {
    language: 'en',
    timeZone: 'Europe/Berlin',
    dateFormat: 'D MMM YYYY',
    cookieConsent: { enabled: true, text: 'We count visits, nothing more.' },
  },
  themes: [
    {
      key: 'morning',
      name: 'Morning',
      tokens: {
        background: '#fffaf4',
        text: '#2a211b',
        accent: '#c2410c',
        radius: 'large',
        font: 'humanist',
        spacing: 'normal',
      },
    },
    {
      key: 'evening',
      name: 'Evening',
      tokens: {
        background: '#1d1720',
        text: '#f5edf2',
        accent: '#fb923c',
        radius: 'large',
        font: 'humanist',
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
      theme: 'morning',
      settings: { seoTitle: 'Strong by Nora' },
      tracking: { googleAnalyticsId: 'G-NORA4T71XX' },
      pages: sitePages,
    },
    {
      name: 'Five-day challenge',
      slug: 'challenge',
      status: 'LIVE',
      theme: 'morning',
      settings: {},
      tracking: { googleAnalyticsId: 'G-NORA4T71XX', metaPixelId: '481205993317' },
      pages: challengePages,
    },
    {
      name: 'Twelve weeks strong',
      slug: 'twelve-weeks',
      status: 'LIVE',
      theme: 'morning',
      settings: {},
      tracking: { metaPixelId: '481205993317' },
      pages: programPages,
    },
    {
      name: 'One to one',
      slug: 'one-to-one',
      status: 'LIVE',
      theme: 'evening',
      settings: {},
      passwordProtected: true,
      pages: callPages,
    },
    {
      name: 'Five short e-mails',
      slug: 'mails',
      status: 'DRAFT',
      theme: 'global:daylight',
      settings: {},
      pages: [
        [
          'mail-1',
          'Why thirty minutes are enough',
          'After twenty minutes of good sets your muscles have heard the message. The rest is commuting.',
        ],
        [
          'mail-2',
          'The week everything went wrong',
          'A client trained eleven minutes in a hotel room, twice. It still was a week of training. Here is what she did.',
        ],
        [
          'mail-3',
          'How heavy is heavy?',
          'If you could do three more, it is right. If you could do six more, it is too light. If you cannot tell, film it.',
        ],
        [
          'mail-4',
          'Protein without powder',
          'A palm of something at every meal. That is the whole secret, and it fits on a sticky note.',
        ],
      ].map(([key = '', title = '', text = '']) =>
        page(business, { key, name: `Letter: ${title}`, slug: key, title, seo: text }, [
          block('Heading', { text: title }),
          block('Text', { text, lead: true }),
          block('Button', { label: 'See the programme', href: 'page:program-sales' }),
        ]),
      ),
    },
  ],
}
