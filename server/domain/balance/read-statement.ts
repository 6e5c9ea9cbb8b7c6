import { and, asc, eq, gte, inArray, lt, sql } from 'drizzle-orm'
import { issuedStatements, ledgerAccounts, ledgerEntries, ledgerTransfers, users } from '../../../db/schema'
import { canonicalJson } from '../../kit/canonical-json'
import { type Context, inSnapshot, inTransaction, newId, signedIn } from '../../kit/context'
import { notFound, refused } from '../../kit/errors'
import { currencyExponent, safeNumber } from '../../kit/money'
import { monthPeriod, type Period } from '../../kit/periods'
import { lineColumns, newestLine } from './queries'
import { LineType, type StatementInput } from './schemas'
import {
  asValue,
  STATEMENT_FORMAT,
  type StatementDocument,
  type StatementLine,
  totalsOf,
} from './statement-document'
import { statementKey } from './statement-keys'

/** More lines make no signed statement: it would be a file nobody opens. */
const MAX_LINES = 100_000

export interface SignedStatement {
  /** What was signed, in its canonical spelling. */
  readonly document: string
  readonly keyId: string
  /** Base64url. */
  readonly signature: string
  /** It was issued: these bytes never change. Else it is a preview, and kept nowhere. */
  readonly final: boolean
}

/**
 * One's own statement of a month: the very bytes that were issued, whatever was posted since (rule 17). One not issued yet
 * is a preview of one moment, drawn up anew each time. Writes nothing.
 * @throws DomainError 404 STATEMENT_NOT_FOUND when there was never a movement in that currency; 422 MONTH_NOT_BEGUN;
 * 422 STATEMENT_TOO_LONG
 */
export const readStatement = async (ctx: Context, input: StatementInput): Promise<SignedStatement> => {
  const asked = askedBy(ctx, input)
  return inSnapshot(ctx, async (snapshot) => {
    const account = await accountOf(snapshot, asked)
    return (
      (await issuedBefore(snapshot, asked)) ?? signed(snapshot, await drawUp(snapshot, account, asked, false))
    )
  })
}

/**
 * Issues one's own statement of a month that is over: closes the month in the books, and keeps the bytes for good. Issued
 * already, it stays what it is.
 * @throws DomainError as `readStatement`; 422 MONTH_NOT_OVER
 */
export const issueStatement = async (ctx: Context, input: StatementInput): Promise<SignedStatement> => {
  const asked = askedBy(ctx, input)
  const account = await accountOf(ctx, asked)
  if (asked.period.to > ctx.now())
    throw refused(
      'MONTH_NOT_OVER',
      `${input.month} is not over in ${input.timezone}: its statement can be issued from ${asked.period.to.toISOString()} on.`,
    )
  return (await issuedBefore(ctx, asked)) ?? inTransaction(ctx, (tx) => issue(tx, account, asked))
}

interface Asked extends StatementInput {
  readonly userId: string
  readonly period: Period
}

const askedBy = (ctx: Context, input: StatementInput): Asked => {
  const { userId } = signedIn(ctx)
  const period = monthPeriod(input.month, input.timezone)
  if (period.from > ctx.now())
    throw refused('MONTH_NOT_BEGUN', `${input.month} has not begun in ${input.timezone}.`)
  return { ...input, userId, period }
}

/** What stands in the place of a statement's id until it is issued. */
const PREVIEW = 'preview'

/** The first waits for postings under way; the others wait for the first. */
const issue = async (ctx: Context, account: bigint, asked: Asked): Promise<SignedStatement> => {
  const { userId, currency, timezone, period } = asked
  await ctx.db.execute(
    sql`select ledger_close_period(${userId}::uuid, ${currency}, ${period.to.toISOString()}::timestamptz)`,
  )
  const known = await issuedBefore(ctx, asked)
  if (known !== null) return known
  const statement = await drawUp(ctx, account, asked, true)
  const { document, keyId, signature } = signed(ctx, statement)
  await ctx.db.insert(issuedStatements).values({
    id: statement.id,
    userId,
    currency,
    periodFrom: period.from,
    periodTo: period.to,
    timezone,
    document,
    keyId,
    signature,
    publicKey: { ...statementKey(ctx).jwk },
    issuedAt: new Date(statement.issuedAt),
  })
  return { document, keyId, signature, final: true }
}

const issuedBefore = async (
  ctx: Context,
  { userId, currency, period }: Asked,
): Promise<SignedStatement | null> => {
  const [known] = await ctx.db
    .select({
      document: issuedStatements.document,
      keyId: issuedStatements.keyId,
      signature: issuedStatements.signature,
    })
    .from(issuedStatements)
    .where(
      and(
        eq(issuedStatements.userId, userId),
        eq(issuedStatements.currency, currency),
        eq(issuedStatements.periodFrom, period.from),
        eq(issuedStatements.periodTo, period.to),
      ),
    )
  return known === undefined ? null : { ...known, final: true }
}

const accountOf = async (ctx: Context, { userId, currency }: Asked): Promise<bigint> => {
  const [account] = await ctx.db
    .select({ id: ledgerAccounts.id })
    .from(ledgerAccounts)
    .where(
      and(
        eq(ledgerAccounts.userId, userId),
        eq(ledgerAccounts.kind, 'available'),
        eq(ledgerAccounts.currency, currency),
      ),
    )
  if (account === undefined)
    throw notFound(
      'STATEMENT_NOT_FOUND',
      `There is no statement in ${currency}: nothing was ever booked in it.`,
    )
  return account.id
}

const drawUp = async (
  ctx: Context,
  account: bigint,
  { userId, currency, month, timezone, period }: Asked,
  final: boolean,
): Promise<StatementDocument> => {
  const lines = await linesOf(ctx, account, period)
  if (lines.length > MAX_LINES)
    throw refused(
      'STATEMENT_TOO_LONG',
      `${month} has more than ${MAX_LINES} lines: too many for one document. Take the month as CSV, which holds any number.`,
    )
  const before = await newestLine(ctx, userId, { currency, to: period.from })
  const last = lines.at(-1)
  const opening = { balance: safeNumber(before?.balanceAfter ?? 0n), no: safeNumber(before?.seq ?? 0n) }
  return {
    format: STATEMENT_FORMAT,
    id: final ? newId(ctx) : PREVIEW,
    issuer: ctx.config.appUrl,
    issuedAt: ctx.now().toISOString(),
    final,
    holder: { userId, name: await nameOf(ctx, userId) },
    currency: { code: currency, exponent: currencyExponent(currency) },
    period: { month, timezone, from: period.from.toISOString(), to: period.to.toISOString() },
    opening,
    closing: last === undefined ? opening : { balance: last.balanceAfter, no: last.no },
    totals: totalsOf(lines),
    lines,
    head: last?.hash ?? before?.hash.toString('hex') ?? '',
  }
}

/** In the order of the chain; one more than may be, if there are. */
const linesOf = async (ctx: Context, account: bigint, { from, to }: Period): Promise<StatementLine[]> => {
  const rows = await ctx.db
    .select({ ...lineColumns, hash: ledgerEntries.hash })
    .from(ledgerEntries)
    .innerJoin(ledgerTransfers, eq(ledgerTransfers.id, ledgerEntries.transferId))
    .where(
      and(
        eq(ledgerEntries.accountId, account),
        inArray(ledgerEntries.lineType, LineType.options),
        gte(ledgerEntries.createdAt, from),
        lt(ledgerEntries.createdAt, to),
      ),
    )
    .orderBy(asc(ledgerEntries.createdAt), asc(ledgerEntries.seq))
    .limit(MAX_LINES + 1)
  return rows.map(({ type, seq, balanceBefore, balanceAfter, ...row }) => {
    if (type === null || seq === null || balanceBefore === null || balanceAfter === null)
      throw new Error(`entry ${row.id} is no line`)
    return {
      no: safeNumber(seq),
      id: String(row.id),
      type,
      amount: safeNumber(row.amount),
      balanceBefore: safeNumber(balanceBefore),
      balanceAfter: safeNumber(balanceAfter),
      referenceType: row.referenceType,
      referenceId: row.referenceId,
      notes: row.notes,
      createdAt: row.createdAt.toISOString(),
      hash: row.hash.toString('hex'),
    }
  })
}

const nameOf = async (ctx: Context, userId: string): Promise<string> => {
  const [user] = await ctx.db
    .select({ firstName: users.firstName, lastName: users.lastName })
    .from(users)
    .where(eq(users.id, userId))
  return user === undefined ? '' : `${user.firstName} ${user.lastName}`.trim()
}

/** The file: what was signed as it was signed, and the signature. Canonical as a whole, too. */
export const statementFile = ({ document, keyId, signature }: SignedStatement): string => {
  const envelope = canonicalJson({ algorithm: 'Ed25519', keyId, value: signature })
  return `{"signature":${envelope},"statement":${document}}`
}

const signed = (ctx: Context, statement: StatementDocument): SignedStatement => {
  const document = canonicalJson(asValue(statement))
  const key = statementKey(ctx)
  return { document, keyId: key.jwk.kid, signature: key.sign(document), final: statement.final }
}
