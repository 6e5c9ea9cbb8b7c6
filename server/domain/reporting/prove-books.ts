import { desc, eq, lte, sql } from 'drizzle-orm'
import { ledgerProofs, ledgerSeals } from '../../../db/schema'
import { type Context, inSnapshot, inTransaction, newId } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { enqueueMail } from '../../kit/queue'
import { sealLedger, verifyLedger, wrongStatements } from '../balance'
import type { Violation } from '../balance/schemas'
import { checkInvariants } from './check-invariants'
import { databaseNow } from './database-now'
import { type ProofRow, toExamined, toProof } from './proofs'
import type { Examined, Finding, Proof, ProofScope } from './schemas'

/**
 * Proves the whole house and keeps what came out: seals what can be sealed, then examines all. Of each finding an admin is
 * told by mail once a day.
 */
export const proveBooks = async (ctx: Context, { scope }: { scope: ProofScope }): Promise<Proof> => {
  await sealLedger(ctx)
  const { proof, violations, found } = await examine(ctx, scope)
  return inTransaction(ctx, async (tx) => {
    const [row] = await tx.db
      .insert(ledgerProofs)
      .values({ ...proof, id: newId(ctx) })
      .returning()
    if (row === undefined) throw new Error('the proof was not kept')
    await tell(tx, violations, found, proof.startedAt)
    return toProof(row as ProofRow)
  })
}

/** The same answer, and nothing is written, sealed or mailed. */
export const examineBooks = async (ctx: Context, { scope }: { scope: ProofScope }): Promise<Examined> =>
  toExamined((await examine(ctx, scope)).proof)

/**
 * Asks the ledger's own hashes and every invariant, in one snapshot and so of one moment.
 * @param asked FULL: everything; INCREMENTAL: what was written since the last proof; if that one or the last full one was
 * not fine, it becomes a full one
 */
const examine = async (ctx: Context, asked: ProofScope) => {
  const startedAt = await databaseNow(ctx)
  const last = asked === 'FULL' ? null : await lastGoodProof(ctx)
  const scope = last === null ? 'FULL' : asked
  const since = last === null ? null : new Date(last.startedAt.getTime() - DAY)
  // The ledger comes last: the time it allows itself holds until the snapshot's end.
  const { ledger, rest, unproven } = await inSnapshot(ctx, async (snapshot) => ({
    rest: await checkInvariants(snapshot, last === null ? {} : { since, afterTransfer: last.upto }),
    unproven: await wrongStatements(snapshot, since),
    ledger: await verifyLedger(snapshot, { scope, sinceSeal: last?.sealNo ?? 0n }),
  }))
  const violations = [
    ...ledger.violations.map(toFinding),
    ...rest.findings,
    ...unproven.map(toStatementFinding),
  ]
  // The ledger names some of what it found, and counts all.
  const found = ledger.found - ledger.violations.length + violations.length
  const proof = {
    scope,
    ok: found === 0,
    checked: { ...ledger.checked, invariants: rest.invariants },
    violations: violations.slice(0, KEPT),
    sealNo: ledger.sealNo === null ? null : BigInt(ledger.sealNo),
    startedAt,
    finishedAt: await databaseNow(ctx),
  }
  return { proof, violations, found }
}

/** Rows carry the time of the machine that wrote them, in the transaction that may have ended later. */
const DAY = 86_400_000
/** More of them help nobody. */
const KEPT = 200
const MAILED = 20

/**
 * The last one, if it was fine, and so was the last full one: what an earlier one found may be older than what is new, and
 * is not forgotten. A full one may have begun before the last one and found something after it.
 */
const lastGoodProof = async (ctx: Context) => {
  const [row] = await ctx.db
    .select({
      ok: ledgerProofs.ok,
      sealNo: ledgerProofs.sealNo,
      startedAt: ledgerProofs.startedAt,
      upto: ledgerSeals.uptoTransferId,
    })
    .from(ledgerProofs)
    .leftJoin(ledgerSeals, eq(ledgerSeals.no, ledgerProofs.sealNo))
    .where(lte(ledgerProofs.startedAt, sql`clock_timestamp()`))
    .orderBy(desc(ledgerProofs.startedAt), desc(ledgerProofs.id))
    .limit(1)
  const [full] = await ctx.db
    .select({ ok: ledgerProofs.ok })
    .from(ledgerProofs)
    .where(eq(ledgerProofs.scope, 'FULL'))
    .orderBy(desc(ledgerProofs.startedAt), desc(ledgerProofs.id))
    .limit(1)
  return row?.ok && full?.ok !== false ? row : null
}

/** What the ledger's own hashes say, by what it is about. */
const SAID: Readonly<Record<Violation['kind'], string>> = {
  TRANSFER: 'Every transfer is what it was posted as.',
  ENTRY: 'Every entry continues the chain of its account.',
  ACCOUNT: 'Every balance is the end of its chain.',
  SEAL: 'What was sealed is as it was.',
  SNAPSHOT: 'What the platform’s accounts held when it was sealed is what their entries sum to.',
}

const toFinding = ({ kind, id, problem, accountId, transferId }: Violation): Finding => ({
  id: kind,
  name: SAID[kind],
  story: 'ledger',
  subject: [
    `${kind.toLowerCase()} ${id}`,
    ...(kind === 'ENTRY' ? [`of account ${accountId}`, `in transfer ${transferId}`] : []),
  ].join(' '),
  problem,
  todo: 'Somebody changed the database behind the application. Keep a copy of it, compare it with the last backup, and correct the books by a further transfer, never by an edit.',
})

const toStatementFinding = ({ id, problem }: { id: string; problem: string }): Finding => ({
  id: 'STATEMENT',
  name: 'Every issued statement verifies with the key that is published for it.',
  story: 'ledger',
  subject: `statement ${id}`,
  problem,
  todo: 'Somebody changed the database behind the application. Compare the statement with the one its holder has, and with the last backup.',
})

const tell = async (ctx: Context, violations: readonly Finding[], found: number, at: Date): Promise<void> => {
  const { admin } = ctx.config
  if (admin === null || violations.length === 0) return
  const day = at.toISOString().slice(0, 10)
  const mail = (key: string, title: string, text: string) =>
    enqueueMail(ctx, {
      key: `proof:${key}:${day}`,
      to: admin.email,
      template: 'admin-alert',
      data: { title, text: `${text} See ${ctx.config.appUrl}/admin/ledger` },
    })
  for (const { id, subject, name, problem, todo } of violations.slice(0, MAILED))
    await mail(
      sha256(`${id} ${subject}`).toString('hex').slice(0, 32),
      'The books do not add up',
      `${name} It is not so for ${subject}: ${problem} (${id}). ${todo}`,
    )
  if (found > MAILED)
    await mail(
      'more',
      'The books do not add up in many places',
      `The proof found ${found} violations; the first ${MAILED} were told one by one.`,
    )
}
