import { block, faq, features, link, page, steps } from './builders'
import { business, results } from './coaching-site'
import { checkout, confirmation, upsell } from './page-kinds'

const program = { business, funnel: 'program' }
export const programPages = [
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
