import { and, eq, isNull } from 'drizzle-orm'
import { taxProfiles } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { open, seal } from '../../kit/sealed'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import type { SetTaxDetailsInput, TaxDetails, TaxProfileView } from './tax-schemas'

type Row = typeof taxProfiles.$inferSelect

/**
 * Puts the signed-in user's tax details on file, certified by their name and now. What was there before is kept as
 * replaced; the same details again change nothing.
 */
export const setTaxDetails = (ctx: Context, input: SetTaxDetailsInput): Promise<TaxProfileView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    await lockSelf(tx, userId, 'no key update')
    const { certified: _, ...given } = input
    const before = await currentProfile(tx, userId)
    if (before !== undefined && isSame(openTaxDetails(tx, before), given)) return toProfileView(before)
    const now = tx.now()
    const id = newId(tx)
    const details: TaxDetails = { ...given, certifiedAt: now.toISOString() }
    const row: Row = {
      id,
      userId,
      form: given.form,
      country: given.country,
      sealed: seal(tx, 'tax-details', id, Buffer.from(JSON.stringify(details))),
      masked: maskedId(given.taxId),
      createdAt: now,
      replacedAt: null,
    }
    if (before !== undefined)
      await tx.db.update(taxProfiles).set({ replacedAt: now }).where(eq(taxProfiles.id, before.id))
    await tx.db.insert(taxProfiles).values(row)
    await recordActivity(tx, {
      action: before === undefined ? 'tax_details_set' : 'tax_details_changed',
      description: `Tax details were ${before === undefined ? 'set' : 'changed'}`,
      subject: { type: 'tax_profile', id },
      before: before === undefined ? null : shown(before),
      after: shown(row),
    })
    return toProfileView(row)
  })

/** Shows at most the last quarter of a tax id, and four of its characters. */
const maskedId = (taxId: string): string => {
  const signs = [...taxId.replaceAll(/[^\p{L}\p{N}]/gu, '')]
  const shown = Math.min(4, Math.floor(signs.length / 4))
  return `•••${signs.slice(signs.length - shown).join('')}`
}

/** The signed-in user's tax details, masked; null: none are on file. */
export const taxProfile = async (ctx: Context): Promise<TaxProfileView | null> => {
  const row = await currentProfile(ctx, signedIn(ctx).userId)
  return row === undefined ? null : toProfileView(row)
}

/** In clear: for the yearly summary only. @throws Error when the row was altered. */
export const openTaxDetails = (ctx: Context, { id, sealed }: Pick<Row, 'id' | 'sealed'>): TaxDetails =>
  JSON.parse(open(ctx, 'tax-details', id, sealed).toString()) as TaxDetails

const currentProfile = async (ctx: Context, userId: string): Promise<Row | undefined> => {
  const [row] = await ctx.db
    .select()
    .from(taxProfiles)
    .where(and(eq(taxProfiles.userId, userId), isNull(taxProfiles.replacedAt)))
  return row
}

const shown = ({ form, country, masked }: Row) => ({ form, country, masked })

const toProfileView = (row: Row): TaxProfileView => ({
  ...shown(row),
  createdAt: row.createdAt.toISOString(),
})

const isSame = ({ certifiedAt: _, ...known }: TaxDetails, given: Omit<TaxDetails, 'certifiedAt'>): boolean =>
  canonical(known) === canonical(given)

/** What is left out counts for nothing. */
const canonical = (details: object): string =>
  JSON.stringify(
    Object.entries(details)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
