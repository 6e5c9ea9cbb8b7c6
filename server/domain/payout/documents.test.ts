import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { activityLog, payoutDocuments } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { givenMethod, makePayee, PAYPAL } from '../../../db/testing/factories/payout'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { addPayoutDocument, listAllWithdrawals, payoutTerms, readPayoutDocument, requestWithdrawal } from '.'
import { needsDocument } from './rules'
import { AddDocumentInput } from './schemas'

const database = useDatabase()
const PDF = Buffer.from('%PDF-1.7 a confirmation of the bank')
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(20)])
const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(20)])

const given = async (method = PAYPAL) => {
  const ctx = testContext(database.db)
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  return { ctx, admin, ...(await makePayee(ctx, { method })) }
}
const add = (as: TestContext, bytes: Buffer, name = 'confirmation.pdf') =>
  addPayoutDocument(as, AddDocumentInput.parse({ name, content: bytes.toString('base64') }))

it('a document is kept sealed with the payout details, seen by its owner by name, and read by admins on the record', async () => {
  const { as, admin } = await given()
  const document = await add(as, PDF, '../../etc/<b>\r\nbank\u202e.pdf')
  expect(document).toMatchObject({
    name: '../../etc/<b>bank.pdf',
    mediaType: 'application/pdf',
    bytes: PDF.length,
  })
  expect((await payoutTerms(as)).documents).toEqual([document])
  const [row] = await database.db.select().from(payoutDocuments).where(eq(payoutDocuments.id, document.id))
  expect(row?.sealed.toString('latin1')).not.toContain('confirmation of the bank')
  const { id } = await requestWithdrawal(as, { amount: 5_000, currency: 'USD' })
  const listed = (await listAllWithdrawals(admin, { limit: 100 })).items.find((one) => one.id === id)
  expect(listed?.documents).toEqual([document])
  expect(await readPayoutDocument(admin, { id: document.id })).toEqual({
    fileName: `payout-document-${document.id}.pdf`,
    mediaType: 'application/pdf',
    content: PDF.toString('base64'),
  })
  const lines = await database.db.select().from(activityLog).where(eq(activityLog.subjectId, document.id))
  expect(lines.map(({ action }) => action).sort()).toEqual(['payout_document_added', 'payout_document_read'])
  for (const missing of [crypto.randomUUID(), 'x'])
    await expect(readPayoutDocument(admin, { id: missing })).rejects.toMatchObject({ status: 404 })
  // New details need their own documents.
  await givenMethod(as, { kind: 'MANUAL', details: { note: 'In cash' } })
  expect((await payoutTerms(as)).documents).toEqual([])
})

it('what it is, its contents say', async () => {
  const { as } = await given()
  expect((await add(as, PNG, 'x.pdf')).mediaType).toBe('image/png')
  expect((await add(as, JPEG, 'x')).mediaType).toBe('image/jpeg')
  for (const bytes of [Buffer.from('<svg onload="x()">'), Buffer.from('MZ'), Buffer.from(' %PDF-1.7')])
    await expect(add(as, bytes, 'real.pdf')).rejects.toMatchObject({ status: 415, code: 'DOCUMENT_TYPE' })
})

it('has at most 5 MiB, and ten of them belong to one account', async () => {
  const { as } = await given()
  const most = Buffer.alloc(5 * 1024 * 1024)
  PDF.copy(most)
  expect((await add(as, most)).bytes).toBe(most.length)
  await expect(add(as, Buffer.concat([most, Buffer.alloc(1)]))).rejects.toMatchObject({
    status: 413,
    code: 'DOCUMENT_TOO_LARGE',
  })
  const settled = await Promise.allSettled(Array.from({ length: 11 }, () => add(as, PDF)))
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(9)
  await expect(add(as, PDF)).rejects.toMatchObject({ status: 422, code: 'TOO_MANY_DOCUMENTS' })
})

it.each([
  ['no name', { name: ' \u200b', content: 'AAAA' }],
  ['nothing in it', { name: 'x', content: '' }],
  ['no base64', { name: 'x', content: 'a-b_' }],
  ['a list', { name: 'x', content: ['AAAA'] }],
])('is refused with %s', (_, input) => {
  expect(AddDocumentInput.safeParse(input).success).toBe(false)
})

it('needs payout details', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx)).actor)
  await expect(add(as, PDF)).rejects.toMatchObject({ status: 422, code: 'NO_PAYOUT_METHOD' })
})

it('is asked for before a withdrawal where the programme says so', async () => {
  const { as, admin } = await given()
  await changeProgram(
    admin,
    ChangeProgramInput.parse({ payoutDocumentsFor: ['PAYPAL', 'BANK_INTERNATIONAL'] }),
  )
  expect((await payoutTerms(as)).documentNeeded).toBe(true)
  const ask = () => requestWithdrawal(as, { amount: 5_000, currency: 'USD' })
  await expect(ask()).rejects.toMatchObject({ status: 422, code: 'PAYOUT_DOCUMENT_REQUIRED' })
  await add(as, PDF)
  expect((await payoutTerms(as)).documentNeeded).toBe(false)
  await ask()
  const bank = (details: object) =>
    needsDocument(
      { payoutDocumentsFor: ['BANK_INTERNATIONAL'] },
      { kind: 'BANK', details: { name: 'Ann', ...details } },
    )
  expect([
    bank({ iban: 'DE89370400440532013000' }),
    bank({ iban: 'AE070331234567890123456' }),
    bank({ note: 'Routing 1, account 2' }),
  ]).toEqual([false, true, true])
})
