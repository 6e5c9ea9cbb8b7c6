import type { TaxForm } from '../../../server/domain/payout/tax-schemas'

/** Each form of the tax office, by whom it is for. */
export const TAX_FORMS: Readonly<Record<TaxForm, string>> = {
  W9: 'W-9: a person or company of the United States',
  W8BEN: 'W-8BEN: a person from elsewhere',
  W8BENE: 'W-8BEN-E: a company from elsewhere',
}

export const isTaxForm = (text: string): text is TaxForm => Object.hasOwn(TAX_FORMS, text)

/** Line 3 of a W-9. */
export const CLASSIFICATIONS = {
  INDIVIDUAL: 'Individual or sole proprietor',
  LLC: 'LLC',
  C_CORPORATION: 'C corporation',
  S_CORPORATION: 'S corporation',
  PARTNERSHIP: 'Partnership',
  TRUST_OR_ESTATE: 'Trust or estate',
  OTHER: 'Other',
} as const
