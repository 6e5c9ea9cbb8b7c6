import { expect, it } from 'vitest'
import { breadcrumbs, product, publicPage } from './seo'

const listing = {
  id: 'x',
  slug: 'kit',
  status: 'LIVE',
  title: 'Kit </script><script>',
  tagline: '',
  description: 'Words',
  category: 'food',
  tags: [],
  language: 'en',
  planType: 'FREE',
  offer: { mode: 'ONE_OFF', price: { amount: 1050, currency: 'USD' } },
  seller: { name: 'Ann', organization: 'Ann Ltd' },
  image: null,
  sold: 3,
  rating: { count: 2, mean: 4.5 },
  featured: false,
  publishedAt: null,
  available: true,
} as const

it('says of a page what it is, where it is, and what a link to it looks like', () => {
  const found = publicPage({
    title: 'Kit',
    description: `${'long words '.repeat(30)}`,
    site: 'https://a.example',
    path: '/marketplace/kit',
    image: '/pictures/a.webp',
  })
  expect(found).toContainEqual({
    tagName: 'link',
    rel: 'canonical',
    href: 'https://a.example/marketplace/kit',
  })
  expect(found).toContainEqual({ property: 'og:image', content: 'https://a.example/pictures/a.webp' })
  expect(found).not.toContainEqual({ name: 'robots', content: 'noindex, follow' })
  const description = found.find((one) => 'name' in one && one.name === 'description')
  expect(description).toMatchObject({ content: expect.stringMatching(/^long.*…$/) })
})

it('keeps thin pages out of search engines', () => {
  const found = publicPage({ title: 'a', description: 'b', site: '', path: '/', noindex: true })
  expect(found).toContainEqual({ name: 'robots', content: 'noindex, follow' })
})

it('describes a listing as a product with its offer and its reviews', () => {
  expect(product('https://a.example', { ...listing, tags: [] }, 'https://b.example/c.png')).toMatchObject({
    '@type': 'Product',
    image: 'https://b.example/c.png',
    offers: { price: '10.50', priceCurrency: 'USD', url: 'https://a.example/marketplace/kit' },
    aggregateRating: { ratingValue: 4.5, reviewCount: 2 },
  })
  expect(product('', { ...listing, tags: [], rating: { count: 0, mean: null } }, null)).not.toHaveProperty(
    'aggregateRating',
  )
})

it('says where a page stands', () => {
  expect(breadcrumbs('https://a.example', [{ name: 'Market', path: '/m' }])).toMatchObject({
    itemListElement: [{ position: 1, item: 'https://a.example/m' }],
  })
})
