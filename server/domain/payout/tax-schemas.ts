import { z } from 'zod'
import { Name } from '../identity/schemas'

export const TaxForm = z.enum(['W9', 'W8BEN', 'W8BENE'])
export type TaxForm = z.infer<typeof TaxForm>

const Line = (most: number) =>
  z
    .string()
    .max(1000, `At most ${most} characters.`)
    .transform((text) => text.trim().normalize('NFC'))
    .pipe(
      z
        .string()
        .min(1, 'Fill this in.')
        .max(most, `At most ${most} characters.`)
        .refine(
          (text) => !/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text),
          'One line of text.',
        ),
    )

/** A form sends an empty string for what was not filled in. */
const maybe = <T extends z.ZodType>(schema: T) =>
  z.union([z.literal('').transform(() => undefined), schema]).optional()

const TaxId = z
  .string()
  .trim()
  .max(40, 'At most 40 characters.')
  .regex(
    /^[0-9A-Za-z][0-9A-Za-z ./-]{2,38}[0-9A-Za-z]$/,
    'Letters, digits, spaces, dots, dashes and slashes.',
  )

/** SSN, ITIN or EIN: nine digits, with or without their dashes. */
const isAmerican = (taxId: string): boolean =>
  /^(\d{9}|\d{3}-\d{2}-\d{4}|\d{2}-\d{7})$/.test(taxId) && !/^0+$/.test(taxId.replaceAll('-', ''))

/** What the tax office's forms ask: W-9 of persons of the United States, W-8BEN of other people, W-8BEN-E of companies. */
export const SetTaxDetailsInput = z
  .strictObject({
    form: TaxForm,
    /** ISO 3166-1 alpha-2: where one is taxed. */
    country: z.string().regex(/^[A-Z]{2}$/, 'Two capital letters, such as DE or US.'),
    /** As on the tax return. */
    name: Name,
    businessName: maybe(Name),
    /** W-9 only. */
    classification: maybe(
      z.enum([
        'INDIVIDUAL',
        'C_CORPORATION',
        'S_CORPORATION',
        'PARTNERSHIP',
        'TRUST_OR_ESTATE',
        'LLC',
        'OTHER',
      ]),
    ),
    taxId: TaxId,
    address: Line(200),
    city: Line(100),
    region: maybe(Line(100)),
    postalCode: maybe(Line(20)),
    /** W-8BEN only. */
    dateOfBirth: maybe(z.iso.date('A day such as 1990-12-31.')),
    /** Whoever certifies it, by typing their name. */
    signature: Name,
    certified: z.literal(true, 'Certify that all of this is true.'),
  })
  .superRefine(({ form, country, taxId, classification, dateOfBirth }, check) => {
    const fault = (path: string, message: string) => check.addIssue({ code: 'custom', path: [path], message })
    if (form === 'W9' && country !== 'US') fault('country', 'A W-9 is for persons of the United States: US.')
    if (form !== 'W9' && country === 'US') fault('country', 'Persons of the United States give a W-9.')
    if (form === 'W9' && !isAmerican(taxId)) fault('taxId', 'Nine digits, such as 123-45-6789 or 12-3456789.')
    if (form === 'W9' && classification === undefined) fault('classification', 'Choose one.')
    if (form !== 'W9' && classification !== undefined) fault('classification', 'Only for a W-9.')
    if (form !== 'W8BEN' && dateOfBirth !== undefined) fault('dateOfBirth', 'Only for a W-8BEN.')
  })
export type SetTaxDetailsInput = z.infer<typeof SetTaxDetailsInput>

/** As they are kept sealed: what was given, and when it was certified (ISO 8601). */
export type TaxDetails = Omit<SetTaxDetailsInput, 'certified'> & { readonly certifiedAt: string }

export const TaxProfileView = z.object({
  form: TaxForm,
  country: z.string(),
  /** Name and the last digits of the tax id. */
  masked: z.string(),
  createdAt: z.string(),
})
export type TaxProfileView = z.infer<typeof TaxProfileView>

/** A calendar year, in UTC. */
export const TaxSummaryInput = z.object({
  year: z
    .string()
    .regex(/^2\d{3}$/, 'A year such as 2026.')
    .transform(Number),
})
export type TaxSummaryInput = z.infer<typeof TaxSummaryInput>
