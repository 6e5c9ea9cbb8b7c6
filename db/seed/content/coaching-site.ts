import { type Business, block, faq, features, link, page, stats, voices } from './builders'
import { article, legalPages } from './page-kinds'

export const business: Business = {
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

export const results = voices('What changed for them', [
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

export const sitePages = [
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
