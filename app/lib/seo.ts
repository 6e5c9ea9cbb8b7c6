import type { MetaDescriptor } from '@remix-run/node'
import type { ListingCard } from '../../server/domain/marketplace/schemas'
import { decimalText } from './format'
import { pageTitle } from './meta'
import { paths } from './paths'

interface PublicPage {
  readonly title: string
  readonly description: string
  /** Where this installation is, without a slash at its end. */
  readonly site: string
  /** The one address of this page, however it was reached. */
  readonly path: string
  /** The address of a picture, or a path of ours. */
  readonly image?: string | null
  /** Kept out of search engines: a page that says nothing of its own. */
  readonly noindex?: boolean
  readonly data?: readonly object[]
}

/** What search engines and previews of links are told of a public page. */
export const publicPage = (page: PublicPage): MetaDescriptor[] => {
  const description = shortened(page.description)
  const url = `${page.site}${page.path}`
  const image = page.image?.startsWith('/') ? `${page.site}${page.image}` : page.image
  return [
    ...pageTitle(page.title, description),
    { tagName: 'link', rel: 'canonical', href: url },
    ...(page.noindex ? [{ name: 'robots', content: 'noindex, follow' }] : []),
    { property: 'og:site_name', content: 'Offshoot' },
    { property: 'og:type', content: 'website' },
    { property: 'og:title', content: page.title },
    { property: 'og:description', content: description },
    { property: 'og:url', content: url },
    ...(image ? [{ property: 'og:image', content: image }] : []),
    { name: 'twitter:card', content: image ? 'summary_large_image' : 'summary' },
    ...(page.data ?? []).map((data) => ({ 'script:ld+json': data as never })),
  ]
}

/** At most 160 characters, as many as are shown. */
const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const letters = [...line]
  return letters.length <= 160 ? line : `${letters.slice(0, 159).join('').trimEnd()}…`
}

/** Where a page stands, of schema.org. The last one is the page itself. */
export const breadcrumbs = (
  site: string,
  places: readonly { readonly name: string; readonly path: string }[],
): object => ({
  '@context': 'https://schema.org',
  '@type': 'BreadcrumbList',
  itemListElement: places.map(({ name, path }, at) => ({
    '@type': 'ListItem',
    position: at + 1,
    name,
    item: `${site}${path}`,
  })),
})

/** A listing as a product of schema.org, with its offer and the reviews that it has. */
export const product = (
  site: string,
  listing: ListingCard & { readonly description: string; readonly available: boolean },
  image: string | null,
): object => ({
  '@context': 'https://schema.org',
  '@type': 'Product',
  name: listing.title,
  description: shortened(listing.tagline || listing.description || listing.title),
  sku: listing.slug,
  ...(image === null ? {} : { image: image.startsWith('/') ? `${site}${image}` : image }),
  offers: {
    '@type': 'Offer',
    url: `${site}${paths.listing(listing.slug)}`,
    price: decimalText(listing.offer.price),
    priceCurrency: listing.offer.price.currency,
    availability: `https://schema.org/${listing.available ? 'InStock' : 'OutOfStock'}`,
    seller: { '@type': 'Person', name: listing.seller.name },
  },
  ...(listing.rating.mean === null
    ? {}
    : {
        aggregateRating: {
          '@type': 'AggregateRating',
          ratingValue: listing.rating.mean,
          reviewCount: listing.rating.count,
        },
      }),
})
