import {
  type Business,
  block,
  type DemoWorkspace,
  faq,
  features,
  link,
  page,
  ROLE_TEMPLATES,
  stats,
  steps,
  voices,
} from './builders'
import { article, checkout, confirmation, legalPages, optIn, thankYou, upsell } from './page-kinds'

const business: Business = {
  name: 'Strong by Nora',
  claim: 'Strength training for people with full calendars. Hamburg, and wherever you are.',
  home: 'site-home',
  links: [
    link('Programme', 'page:program-sales'),
    link('Challenge', 'page:challenge-start'),
    link('About', 'page:site-about'),
    link('Questions', 'page:site-faq'),
  ],
  cta: link('Start free', 'page:challenge-start'),
  legal: '© Strong by Nora. Training advice does not replace a doctor’s.',
  footerLinks: [
    link('Contact', 'page:site-contact'),
    link('Privacy', 'page:site-privacy'),
    link('Terms', 'page:site-terms'),
  ],
}

const results = voices('What changed for them', [
  [
    'I had bought three programmes before and finished none. This one fits between school run and first meeting, so I simply did it.',
    'Katrin S.',
    'Architect, two children',
  ],
  [
    'My back stopped complaining in week four. In week nine I carried the new washing machine upstairs with my brother and laughed.',
    'Jonas W.',
    'Software developer',
  ],
  [
    'No shouting, no shakes, no before-and-after pictures. Just a plan, and somebody who looks at how I lift.',
    'Amira B.',
    'Nurse, works shifts',
  ],
])

const challenge = { business, funnel: 'challenge' }
const program = { business, funnel: 'program' }
const call = { business, funnel: 'call' }

const sitePages = [
  page(
    business,
    {
      key: 'site-home',
      name: 'Home',
      title: 'Get strong in three half hours a week',
      seo: 'Strength training plans and coaching for busy people: three sessions of 30 minutes a week.',
    },
    [
      block('Hero', {
        eyebrow: 'Strength coaching',
        title: 'Get strong in three half hours a week',
        text: 'A plan for twelve weeks, two dumbbells and a bit of floor. Made for people who have a job, a family, or both.',
        cta: link('Try five days free', 'page:challenge-start'),
        secondary: link('See the programme', 'page:program-sales'),
        image: 'art:hills-sunrise',
        imageAlt: 'Hills at sunrise',
      }),
      stats([
        ['30 min', 'per session, warm-up included'],
        ['1,240', 'people have finished it'],
        ['87 %', 'still train half a year later'],
      ]),
      features('How it is different', [
        [
          'Short on purpose',
          'Every exercise earns its place. What does not make you stronger was thrown out.',
        ],
        [
          'Plans for bad weeks',
          'A sick child, a deadline, a cold: each week has a smaller version that counts in full.',
        ],
        ['Somebody looks', 'Send a video of a lift and get an answer from Nora within two working days.'],
      ]),
      results,
      block('Button', { label: 'Start with five free days', href: 'page:challenge-start', align: 'center' }),
    ],
  ),
  article(business, {
    key: 'site-about',
    name: 'About Nora',
    title: 'I was the one who always skipped sports',
    seo: 'Who Nora is and why her plans are short.',
    sections: [
      [
        'How I got here',
        'At 29 I could not lift my own suitcase into the rack. A physiotherapist showed me three exercises and told me to do them badly but often. I did, and then I wanted to know why it worked.\n\nToday I hold a coaching licence, have trained people for eleven years, and still keep my own sessions at half an hour.',
      ],
      ['What I believe', 'You do not need more discipline. You need a plan that survives a Tuesday.'],
    ],
    after: [
      block('Gallery', {
        title: 'Where we train',
        images: [
          { src: 'art:waves-studio', caption: 'The studio in Altona' },
          { src: 'art:rings-plates', caption: 'Two dumbbells are enough' },
          { src: 'art:hills-park', caption: 'Saturdays in the park' },
        ],
      }),
      block('Button', { label: 'Talk to me', href: 'page:call-start' }),
    ],
  }),
  page(
    business,
    {
      key: 'site-faq',
      name: 'Questions',
      title: 'Questions, answered straight',
      seo: 'Equipment, time, injuries, refunds: answers about training with Nora.',
    },
    [
      faq(
        [
          [
            'What do I need at home?',
            'Two dumbbells you can press eight times, and space for a yoga mat. Adjustable ones are best, as you will outgrow the first weight by week five.',
          ],
          [
            'I have never lifted anything.',
            'Good: no bad habits. The first two weeks teach five movements, with videos from three sides.',
          ],
          [
            'I have a bad knee.',
            'Ask your doctor first. Every exercise has a variation that spares knees, shoulders or back.',
          ],
          ['What if I miss a week?', 'You repeat it. The plan has no dates, only numbers.'],
          ['Can I get my money back?', 'Within 30 days, without a reason, by one e-mail.'],
        ],
        'Questions, answered straight',
      ),
      block('Button', { label: 'Ask another one', href: 'page:site-contact', variant: 'secondary' }),
    ],
  ),
  page(
    business,
    { key: 'site-contact', name: 'Contact', title: 'Write to Nora', seo: 'How to reach Strong by Nora.' },
    [
      block('Form', {
        title: 'Write to Nora',
        text: 'I read everything myself and answer within two working days.',
        fields: [
          { label: 'Name', type: 'text', required: true },
          { label: 'E-mail', type: 'email', required: true },
          { label: 'What is it about?', type: 'select', options: ['Training', 'My order', 'Press'] },
          { label: 'Message', type: 'textarea', required: true },
        ],
        submit: 'Send',
        href: 'page:site-home',
      }),
    ],
  ),
  ...legalPages(business, 'site', {
    company: 'Nora Lindqvist Coaching',
    address: 'Große Bergstraße 12, 22767 Hamburg',
    email: 'hello@strongbynora.example',
    refund:
      'You have 30 days from the day you bought a programme. Write one line, and the whole amount goes back the way it came.',
  }),
]

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

const programPages = [
  page(
    business,
    {
      key: 'program-sales',
      name: 'The programme',
      title: 'Twelve weeks strong',
      seo: 'A twelve-week strength programme: three sessions of 30 minutes, feedback on your lifts.',
    },
    [
      block('Hero', {
        eyebrow: 'The programme',
        title: 'Twelve weeks strong',
        text: 'Thirty-six sessions of half an hour, in three levels, with feedback on your technique. Yours to keep.',
        cta: link('Get it for 129', 'page:program-checkout'),
        secondary: link('Try it first', 'page:challenge-start'),
        image: 'art:petals-twelve',
        imageAlt: 'Twelve petals',
      }),
      steps('How the weeks are built', [
        [
          'Weeks 1 to 4: learn',
          'Five movements, light weights, lots of video. You finish knowing how a good lift feels.',
        ],
        [
          'Weeks 5 to 8: build',
          'The weights go up by small steps. You keep a log that takes twenty seconds.',
        ],
        [
          'Weeks 9 to 12: be strong',
          'Fewer repetitions, more weight, and a test that compares you only with yourself.',
        ],
      ]),
      features('What you get', [
        ['36 guided sessions', 'Video and a printable sheet for each.'],
        ['Feedback on six lifts', 'Film it with your phone, upload it, get an answer with drawings.'],
        ['A plan for bad weeks', 'The small version of every session, for when life happens.'],
      ]),
      results,
      block('Pricing', {
        title: 'One price',
        plans: [
          {
            name: 'On your own',
            price: '€129',
            period: 'once',
            features: ['All 36 sessions', 'Log and sheets', '30 days to change your mind'],
            cta: link('Choose', 'page:program-checkout'),
          },
          {
            name: 'With feedback',
            price: '€189',
            period: 'once',
            features: ['Everything on the left', 'Feedback on six lifts', 'Monthly question hour'],
            cta: link('Choose', 'page:program-checkout'),
            highlighted: true,
          },
        ],
      }),
      faq([
        ['When does it start?', 'The minute you want it to.'],
        ['How long do I have access?', 'As long as I have a website, and you can download everything.'],
      ]),
    ],
  ),
  checkout(program, {
    product: 'Twelve weeks strong',
    price: '€129',
    period: 'once',
    includes: ['36 guided sessions', 'Log and printable sheets', 'Plans for bad weeks'],
    next: 'program-upsell',
    promise: 'Thirty days to change your mind. One line is enough.',
    questions: [
      ['Do I get an invoice?', 'Yes, by e-mail, with VAT shown.'],
      ['Is there a payment plan?', 'Three times 45, at the next step.'],
    ],
  }),
  upsell(program, {
    title: 'The kitchen book',
    text: 'Forty meals with enough protein to get strong on, none of which takes longer than the session before it.',
    price: '€19',
    includes: ['40 recipes with shopping lists', 'A week’s plan for each phase', 'Vegetarian swaps'],
    accept: 'Add the kitchen book',
    next: 'program-confirmation',
    points: [
      ['You will be hungry', 'From week five on. Better to know what for.'],
      ['No weighing', 'Hands and plates instead of scales and apps.'],
    ],
  }),
  confirmation(program, {
    title: 'Welcome to twelve weeks',
    text: 'Your access is in your inbox. Session one takes 24 minutes.',
    steps: [
      ['Open the e-mail', 'The link in it signs you in without a password.'],
      ['Print the log', 'Paper on the fridge beats every app.'],
      ['Do session one today', 'Not because it is urgent. Because then it is done.'],
    ],
    contact: 'Something is not there? Write to hello@strongbynora.example.',
  }),
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
