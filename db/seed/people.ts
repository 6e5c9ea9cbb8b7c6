import { DEMO_WORKSPACES } from './content'
import type { DemoWorkspace } from './content/builders'

const PASSWORD = 'orange-boat-on-tuesday'

export interface Person {
  readonly email: string
  readonly password: string
  readonly firstName: string
  readonly lastName: string
  readonly companyName?: string
  /** Days ago. */
  readonly since: number
  readonly what: string
}

export interface LinkTerms {
  readonly name: string
  /** Minor units of USD. */
  readonly price: number
  readonly monthly: boolean
}

export interface ListingTerms {
  readonly title: string
  readonly tagline: string
  readonly description: string
  readonly category: string
  readonly tags: readonly string[]
  /** Minor units of USD. */
  readonly price: number
}

export interface Seller {
  readonly email: string
  readonly listing: ListingTerms
  readonly workspace: DemoWorkspace
  readonly links: readonly [oneOff: LinkTerms, monthly: LinkTerms]
}

const person = (
  name: string,
  firstName: string,
  lastName: string,
  since: number,
  what: string,
  companyName?: string,
): Person => ({
  email: `${name}@offshoot.example`,
  password: PASSWORD,
  firstName,
  lastName,
  ...(companyName === undefined ? {} : { companyName }),
  since,
  what,
})

/** Everybody with a password. The first one's account says that the demo is there. */
export const PEOPLE: readonly [Person, ...Person[]] = [
  person('nora', 'Nora', 'Lindqvist', 120, 'seller: fitness coach', 'Strong by Nora'),
  person('tom', 'Tom', 'Ashworth', 118, 'seller: B2B software', 'Ledgerly Ltd.'),
  person('lucia', 'Lucía', 'Ferrer', 116, 'seller: restaurant', 'Casa Lucía S.L.'),
  person('mira', 'Mira', 'Kovac', 110, 'affiliate, code mira'),
  person('ben', 'Ben', 'Turner', 84, 'buyer, referred by Mira'),
  person('priya', 'Priya', 'Raman', 62, 'buyer, referred by Mira', 'Raman Yoga'),
]

/** Everybody who buys; those without a password bought as guests. */
export const BUYERS = [
  { email: 'ben@offshoot.example', firstName: 'Ben', lastName: 'Turner' },
  { email: 'priya@offshoot.example', firstName: 'Priya', lastName: 'Raman' },
  { email: 'hugo@offshoot.example', firstName: 'Hugo', lastName: 'Martens' },
  { email: 'selma@offshoot.example', firstName: 'Selma', lastName: 'Aydin' },
  { email: 'oliver@offshoot.example', firstName: 'Oliver', lastName: 'Grant' },
  { email: 'chiara@offshoot.example', firstName: 'Chiara', lastName: 'Conti' },
] as const

export type BuyerEmail = (typeof BUYERS)[number]['email']

export const REFERRED = ['ben@offshoot.example', 'priya@offshoot.example'] as const

export const SELLERS: readonly Seller[] = [
  {
    email: 'nora@offshoot.example',
    workspace: DEMO_WORKSPACES.coaching,
    listing: {
      title: 'Online coaching kit',
      tagline: 'Book clients, sell a programme, welcome them in',
      description:
        'Everything an online coach needs to sell a programme.\n\n## What is in it\n\n- A site that books first calls\n- A funnel that sells a twelve-week programme\n- Pages to welcome new clients\n\n## What you do with it\n\nPut in your name, your prices and your pictures. It is online within an evening.',
      category: 'coaching',
      tags: ['coaching', 'fitness', 'bookings'],
      price: 12_900,
    },
    links: [
      { name: 'Coach kit, once', price: 11_500, monthly: false },
      { name: 'Coach kit with plan', price: 4_900, monthly: true },
    ],
  },
  {
    email: 'tom@offshoot.example',
    workspace: DEMO_WORKSPACES.saas,
    listing: {
      title: 'Webinar and trial kit for software',
      tagline: 'From a webinar to a trial, and from a trial to a customer',
      description:
        'A site and a webinar funnel for B2B software.\n\n- Registration, reminder and replay pages\n- A trial that begins on its own\n- Pricing that explains itself\n\n**Whom it is for:** small teams that sell by showing.',
      category: 'software',
      tags: ['webinar', 'saas', 'b2b'],
      price: 24_900,
    },
    links: [
      { name: 'Webinar kit, once', price: 24_900, monthly: false },
      { name: 'Webinar kit with plan', price: 7_900, monthly: true },
    ],
  },
  {
    email: 'lucia@offshoot.example',
    workspace: DEMO_WORKSPACES.restaurant,
    listing: {
      title: 'Restaurant with tables and takeaway',
      tagline: 'A menu, a table and an order, all from the phone',
      description:
        'For restaurants that would rather cook than answer the phone.\n\n1. Menu with allergens\n2. Reservations\n3. Takeaway orders\n\nChange the dishes, keep the rest.',
      category: 'food',
      tags: ['restaurant', 'menu', 'reservations'],
      price: 8_900,
    },
    links: [
      { name: 'Restaurant kit, once', price: 8_900, monthly: false },
      { name: 'Restaurant kit with plan', price: 4_900, monthly: true },
    ],
  },
]
