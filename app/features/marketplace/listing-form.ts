import { decimalText } from '~/lib/format'
import type { CreateListingInput, ListingView } from '../../../server/domain/marketplace/schemas'
import { LINK_FIELDS, LINK_LABELS, type LinkValues, readLinkForm } from '../selling/link-form'

/** The form's fields, named as the input's members are, so that its faults find their field. */
export const LISTING_FIELDS = [
  ...LINK_FIELDS,
  'title',
  'tagline',
  'description',
  'category',
  'tags',
  'language',
  'versionNotes',
] as const

export type ListingField = (typeof LISTING_FIELDS)[number]
export type ListingValues = Readonly<Record<ListingField, string>>

export const LISTING_LABELS: Readonly<Record<ListingField, string>> = {
  ...LINK_LABELS,
  title: 'Title',
  tagline: 'In a line',
  description: 'Description',
  category: 'Category',
  tags: 'Tags',
  language: 'Language',
  versionNotes: 'What is new',
}

type Words = Pick<
  CreateListingInput,
  'title' | 'tagline' | 'description' | 'category' | 'tags' | 'language' | 'versionNotes'
>
type Terms = Pick<CreateListingInput, 'offer' | 'planType'>

/** What was typed → what is asked of the API, or what cannot be read. */
export const readListingForm = (
  values: ListingValues,
):
  | { readonly words: Required<Words>; readonly terms: Terms; readonly faults?: never }
  | { readonly faults: Readonly<Record<string, string>> } => {
  // The terms are a link's; what a listing's form does not ask is filled in.
  const { input, faults } = readLinkForm({
    ...(values as LinkValues),
    name: 'listing',
    workspaceId: values.workspaceId || 'listing',
    expiresAt: '',
    maxUses: '',
  })
  const wrong: Record<string, string> = { ...faults }
  if (values.title.trim() === '') wrong.title = 'Give it a title.'
  if (values.description.trim() === '') wrong.description = 'Say what buyers get.'
  if (input === undefined || Object.keys(wrong).length > 0) return { faults: wrong }
  return {
    words: {
      title: values.title,
      tagline: values.tagline,
      description: values.description,
      category: values.category,
      tags: values.tags
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
      language: values.language,
      versionNotes: values.versionNotes,
    },
    terms: {
      ...(input.offer === undefined ? {} : { offer: input.offer }),
      ...(input.planType === undefined ? {} : { planType: input.planType }),
    },
  }
}

/** A listing as its form shows it. */
export const listingValues = (listing: ListingView): Partial<ListingValues> => {
  const { offer } = listing
  return {
    title: listing.title,
    tagline: listing.tagline,
    description: listing.description,
    category: listing.category,
    tags: listing.tags.join(', '),
    language: listing.language,
    versionNotes: listing.versionNotes,
    planType: listing.planType,
    'offer.mode': offer.mode,
    'offer.price.amount': decimalText(offer.price),
    'offer.price.currency': offer.price.currency,
    ...(offer.mode === 'SUBSCRIPTION'
      ? {
          'offer.frequency': offer.frequency,
          'offer.frequencyInterval': String(offer.frequencyInterval),
          'offer.freeTrialPeriodInDays': String(offer.freeTrialPeriodInDays),
        }
      : {}),
  }
}
