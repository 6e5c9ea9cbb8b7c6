import { type SQL, sql } from 'drizzle-orm'
import { listingWords } from '../../../db/schema'
import type { Context } from '../../kit/context'

/** A word of a search, or several that stand beside each other. */
interface Term {
  readonly words: readonly string[]
  readonly phrase: boolean
  readonly without: boolean
  /** Another way to what the term before it asks. */
  readonly or: boolean
}

/** More words than anybody means cost more than they find. */
const MAX_WORDS = 16

/**
 * What somebody typed → its terms: words, “phrases”, -without, this or that. Signs mean nothing, so that nothing typed can
 * be wrong. Words that say little are left out where others stand.
 */
export const readTerms = (typed: string): Term[] => {
  const terms: Term[] = []
  let or = false
  let count = 0
  for (const [token, minus, quoted] of typed.matchAll(/(-?)["“”„]([^"“”„]*)["“”„]?|\S+/gu)) {
    if (/^(or|OR|\|)$/.test(token)) {
      or = terms.length > 0
      continue
    }
    const words = foldedWords(quoted ?? token).slice(0, MAX_WORDS - count)
    if (words.length === 0) continue
    count += words.length
    terms.push({
      words,
      phrase: quoted !== undefined && words.length > 1,
      without: (minus ?? '') === '-' || (quoted === undefined && /^-[^-]/.test(token)),
      or,
    })
    or = false
    if (count === MAX_WORDS) break
  }
  const telling = terms.filter(({ words, phrase }) => phrase || !words.every((word) => SMALL.has(word)))
  return telling.some(({ without }) => !without) ? telling : terms
}

/** As the database folds what is searched: `search_text` of the migrations. */
const foldedWords = (text: string): string[] =>
  text
    .replace(/[ßẞ]/g, 'ss')
    .replace(/æ/gi, 'ae')
    .replace(/œ/gi, 'oe')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[øłđıς]/g, (letter) => LETTERS[letter] ?? letter)
    .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []

const LETTERS: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', đ: 'd', ı: 'i', ς: 'σ' }

const SMALL = new Set(
  (
    'a an and are as at by for from in is it my of on or that the this to with your ' +
    'am an auf aus bei das dem den der die ein eine einen einer fur ich im in ist mit oder und von zu zum zur'
  ).split(' '),
)

/** Terms as one would type them, for an address and for people. */
export const sayTerms = (terms: readonly Term[]): string =>
  terms
    .map(({ words, phrase, without, or }, at) => {
      const said = phrase ? `"${words.join(' ')}"` : words.join(' ')
      return `${or && at > 0 ? 'or ' : ''}${without ? '-' : ''}${said}`
    })
    .join(' ')

/**
 * The query that terms are, as text of a tsquery: read once, not for each row that is ranked. Each word is looked for as it
 * is written and by its stem, the last one also as the beginning of a longer one.
 * @returns null when nothing can be searched for
 */
export const queryText = async (ctx: Context, terms: readonly Term[]): Promise<string | null> => {
  let query: SQL | null = null
  terms.forEach((term, at) => {
    const asked = askedFor(term, at === terms.length - 1)
    if (query === null) query = asked
    else query = term.or ? sql`(${query} || ${asked})` : sql`(${query} && ${asked})`
  })
  if (query === null) return null
  const [row] = await ctx.db.execute<{ text: string; nodes: number }>(
    sql`select q::text as text, numnode(q) as nodes from (select ${query as SQL} as q) made`,
  )
  return row === undefined || row.nodes === 0 ? null : row.text
}

const askedFor = ({ words, phrase, without }: Term, last: boolean): SQL => {
  const asked = phrase
    ? sql`phraseto_tsquery('simple'::regconfig, ${words.join(' ')})`
    : sql`(${sql.join(
        words.map((word, at) => {
          const begins = last && !without && at === words.length - 1 && [...word].length > 1
          return sql`(to_tsquery('simple'::regconfig, ${`'${word}'${begins ? ':*' : ''}`})
            || to_tsquery('english'::regconfig, ${`'${word}'`}) || to_tsquery('german'::regconfig, ${`'${word}'`}))`
        }),
        sql` && `,
      )})`
  return without ? sql`!!${asked}` : asked
}

/**
 * The same terms with each word that no listing ever had replaced by the nearest one that some had.
 * @returns null when every word is known, or when one is like none
 */
export const correctTerms = async (ctx: Context, terms: readonly Term[]): Promise<Term[] | null> => {
  const asked = [...new Set(terms.flatMap(({ words, without }) => (without ? [] : words)))].filter((word) =>
    /^\p{L}{3,32}$/u.test(word),
  )
  if (asked.length === 0) return null
  const instead = new Map<string, string>()
  for (const word of asked) {
    const near = await nearWords(ctx, word)
    if (near.includes(word)) continue
    const [best] = near
      .map((other) => ({ other, slips: slipsBetween(word, other) }))
      .filter(({ slips }) => slips <= allowedSlips(word))
      .sort((a, b) => a.slips - b.slips)
    if (best !== undefined) instead.set(word, best.other)
  }
  if (instead.size === 0) return null
  return terms.map((term) =>
    term.without ? term : { ...term, words: term.words.map((word) => instead.get(word) ?? word) },
  )
}

const allowedSlips = (word: string): number => Math.min(3, Math.max(1, Math.floor(word.length / 3)))

/** Words that are a slip away, and those that share most of their letters in threes; the nearest of these first. */
const nearWords = async (ctx: Context, word: string): Promise<string[]> => {
  const rows = await ctx.db.execute<{ word: string }>(sql`
    (select word, 1 as nearness from ${listingWords} where slips && word_slips(${word}::text) limit 40)
    union
    (select word, similarity(word, ${word}::text) from ${listingWords} where word % ${word}::text
      order by 2 desc, 1 limit 20)
    order by 2 desc, 1`)
  return rows.map((row) => row.word)
}

/** How many letters were left out, added, changed or swapped with their neighbour (Damerau and Levenshtein, without overlaps). */
const slipsBetween = (a: string, b: string): number => {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
