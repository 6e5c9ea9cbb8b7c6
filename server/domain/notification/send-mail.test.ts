import { eq } from 'drizzle-orm'
import { SMTPServer } from 'smtp-server'
import { describe, expect, it } from 'vitest'
import { jobs, mails } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { inTransaction } from '../../kit/context'
import { mailedToken } from '../../kit/crypto'
import { enqueueMail, type MailTemplates } from '../../kit/queue'
import { createMailbox, createSmtpTransport } from '../../providers/mail'
import { giveUpMail, readMailbox, sendMail } from '.'
import { templates } from './templates'

const database = useDatabase()
const given = async (
  ctx: ReturnType<typeof testContext>,
  key: string,
  data: MailTemplates['verify-email'] = { firstName: 'Ann', tokenId: 'token-1' },
) => {
  await enqueueMail(ctx, { key, to: 'ann@x.example', template: 'verify-email', data })
  const mail = await database.db.query.mails.findFirst({ where: eq(mails.key, key) })
  if (mail === undefined) throw new Error('no mail')
  return mail
}

describe('the outbox', () => {
  it('takes a mail once per key, with one job, in the transaction of what it tells about', async () => {
    const ctx = testContext(database.db)
    await inTransaction(ctx, async (tx) => {
      await enqueueMail(tx, {
        key: 'lost',
        to: 'a@x.example',
        template: 'address-taken',
        data: { firstName: 'A' },
      })
      throw new Error('rolled back')
    }).catch(() => {})
    const mail = await given(ctx, 'once')
    await given(ctx, 'once')
    expect((await database.db.select().from(mails)).map(({ key }) => key)).toEqual(['once'])
    expect((await database.db.select().from(jobs)).map(({ key }) => key)).toEqual([`mail:${mail.id}`])
  })

  it('holds no token: the link is made when the mail is written', async () => {
    const ctx = testContext(database.db)
    const mail = await given(ctx, 'secret')
    const token = mailedToken(ctx.config.appSecret, 'token-1')
    expect(JSON.stringify(mail)).not.toContain(token)
    await sendMail(ctx, mail.id)
    expect(ctx.sent[0]?.text).toContain(`/api/auth/verify-email?token=${token}`)
    const sent = await database.db.query.mails.findFirst({ where: eq(mails.id, mail.id) })
    expect(sent).toMatchObject({ status: 'SENT', subject: null, text: null, html: null })
  })

  it('sends a mail once, and with the same Message-ID when it has to be sent again', async () => {
    const broken = testContext(database.db, {
      outside: { mail: { kind: 'smtp', send: async () => Promise.reject(new Error('421')) } },
    })
    const mail = await given(broken, 'again')
    await expect(sendMail(broken, mail.id)).rejects.toThrow('421')
    const ctx = testContext(database.db)
    await Promise.all([sendMail(ctx, mail.id), sendMail(ctx, mail.id)])
    expect(new Set(ctx.sent.map(({ messageId }) => messageId)).size).toBe(1)
    const before = ctx.sent.length
    await sendMail(ctx, mail.id)
    await sendMail(ctx, crypto.randomUUID())
    expect(ctx.sent).toHaveLength(before)
  })

  it('is read on the mailbox page, newest first, with its links', async () => {
    const ctx = testContext(database.db, { outside: { mail: createMailbox() } })
    const [first, second] = [await given(ctx, 'box-1'), await given(ctx, 'box-2')]
    await sendMail(ctx, first.id)
    ctx.clock.advance(1_000)
    await sendMail(ctx, second.id)
    const box = await readMailbox(ctx)
    expect(box[0]).toMatchObject({ to: 'ann@x.example', subject: 'Confirm your e-mail address' })
    expect(box[0]?.links).toEqual([
      `http://localhost:3000/api/auth/verify-email?token=${mailedToken(ctx.config.appSecret, 'token-1')}`,
    ])
    expect(new Date(box[0]?.sentAt ?? '').getTime()).toBeGreaterThan(new Date(box[1]?.sentAt ?? '').getTime())
  })

  it('gives a mail up when nobody takes it, and leaves a sent one alone', async () => {
    const ctx = testContext(database.db)
    const mail = await given(ctx, 'dead')
    await giveUpMail(ctx, mail.id)
    await sendMail(ctx, mail.id)
    expect(ctx.sent).toEqual([])
    const status = async () =>
      (await database.db.query.mails.findFirst({ where: eq(mails.id, mail.id) }))?.status
    expect(await status()).toBe('DEAD')
    await giveUpMail(ctx, mail.id)
    const alerts = await database.db.select().from(mails).where(eq(mails.template, 'admin-alert'))
    expect(alerts.map(({ key }) => key)).toEqual([`alert:mail:${mail.id}`])
    await giveUpMail(ctx, alerts[0]?.id ?? '')
    expect(await database.db.$count(mails, eq(mails.template, 'admin-alert'))).toBe(1)
  })
})

const evil = '<img src=x onerror=alert(1)> & "Co"'
const samples: { [T in keyof MailTemplates]: MailTemplates[T] } = {
  'verify-email': { firstName: evil, tokenId: 't' },
  'address-taken': { firstName: evil },
  'reset-password': { firstName: evil, tokenId: 't' },
  'password-changed': { firstName: evil },
  'email-change': { firstName: evil, tokenId: 't', side: 'old', other: 'new@x.example' },
  'email-changed': { firstName: evil, email: 'new@x.example' },
  'second-factor-changed': { firstName: evil, what: 'CODE_USED', left: 1 },
  'second-factor-tries': { firstName: evil },
  'new-device': { firstName: evil, device: evil, at: '2026-11-21T10:11:12.000Z' },
  'purchase-ready': {
    firstName: evil,
    tokenId: 't',
    existingAccount: false,
    workspaceName: evil,
    workspacePublicId: 'w',
    sellerName: evil,
    amount: 1_234_567,
    currency: 'USD',
    orderId: 'o',
    paidAt: '2026-11-21T10:11:12.000Z',
    funnels: 1,
    pages: 20,
    needsInput: [],
  },
  'workspace-sold': {
    firstName: evil,
    workspaceName: evil,
    buyerName: evil,
    amount: 5_000,
    currency: 'JPY',
    commission: -1_005,
    commissionStatus: 'CREDITED',
    paidAt: '2026-11-21T10:11:12.000Z',
  },
  'payment-failed': { firstName: evil, workspaceName: evil },
  'payment-refunded': {
    firstName: evil,
    workspaceName: evil,
    amount: 5,
    total: 10,
    currency: 'USD',
    frozen: true,
  },
  'sale-reversed': {
    firstName: evil,
    workspaceName: evil,
    what: 'DISPUTE_LOST',
    currency: 'USD',
    reversed: 5,
    held: -5,
  },
  'purchase-refunded': { firstName: evil, workspaceName: evil, reason: 'Gone.', amount: 5, currency: 'KWD' },
  'payout-details-changed': {
    firstName: evil,
    method: 'PayPal',
    masked: evil,
    holdUntil: '2026-11-23T12:00:00.000Z',
  },
  'withdrawal-approved': { firstName: evil, amount: 5_000, currency: 'USD', reason: '', reference: '' },
  'withdrawal-rejected': { firstName: evil, amount: 5_000, currency: 'USD', reason: evil, reference: '' },
  'withdrawal-paid': { firstName: evil, amount: 5_000, currency: 'USD', reason: '', reference: evil },
  'withdrawal-failed': { firstName: evil, amount: 5_000, currency: 'USD', reason: evil, reference: '' },
  'release-available': {
    firstName: 'Ada',
    sellerName: 'Sam Seller',
    workspaceName: 'Premium Templates',
    workspacePublicId: 'abcdefgh12345678',
    label: 'Version 2',
    notes: 'A faster checkout.',
  },
  'plan-started': {
    firstName: evil,
    tokenId: null,
    existingAccount: true,
    plan: evil,
    yearly: false,
    amount: 0,
    price: 2_900,
    currency: 'USD',
    firstPaymentAt: '2026-12-05T12:00:00.000Z',
    orderId: evil,
    paidAt: '2026-11-21T12:00:00.000Z',
  },
  'plan-ended': { firstName: evil, plan: evil, now: 'FREE' },
  'addon-started': {
    firstName: evil,
    what: evil,
    amount: 900,
    price: 900,
    currency: 'USD',
    orderId: evil,
    paidAt: '2026-11-21T12:00:00.000Z',
  },
  'addon-ending': {
    firstName: evil,
    what: evil,
    amount: 900,
    currency: 'USD',
    at: '2026-12-21T12:00:00.000Z',
    reminder: true,
    canResume: true,
  },
  'addon-ended': { firstName: evil, what: evil },
  'workspace-invitation': {
    tokenId: '00000000-0000-4000-8000-000000000002',
    workspaceName: evil,
    inviterName: evil,
    role: 'EDITOR',
    expiresAt: '2026-12-05T12:00:00.000Z',
  },
  'invitation-answered': {
    firstName: evil,
    email: evil,
    workspaceName: evil,
    workspacePublicId: evil,
    accepted: true,
    ownership: false,
  },
  'renewal-paid': {
    firstName: evil,
    what: evil,
    changed: false,
    amount: 5_000,
    currency: 'USD',
    paidAt: '2026-11-21T12:00:00.000Z',
    nextAt: '2026-12-21T12:00:00.000Z',
  },
  'renewal-earned': {
    firstName: evil,
    what: evil,
    amount: 5_000,
    currency: 'USD',
    commission: 1_000,
    credited: true,
    paidAt: '2026-11-21T12:00:00.000Z',
  },
  'api-key-created': { firstName: evil, name: evil, start: 'osk_abcdef' },
  'form-answered': { firstName: evil, form: evil, page: evil, workspaceName: evil, workspacePublicId: 'abc' },
  'review-answered': { firstName: evil, message: evil, answer: evil },
  'commission-judged': {
    firstName: evil,
    verdict: 'REFUSED',
    amount: 5_000,
    currency: 'USD',
    reason: evil,
    commissionId: evil,
  },
  'endpoint-off': { firstName: evil, url: evil, since: '2026-11-21T12:00:00.000Z' },
  'bonus-granted': { firstName: evil, bonus: evil, amount: 5_000, currency: 'USD' },
  'renewal-failed': {
    firstName: evil,
    what: evil,
    amount: 5_000,
    currency: 'USD',
    nextAt: null,
    payUrl: 'https://pay.example/invoice?a=1&b=2',
    confirm: false,
  },
  'plan-changed': { firstName: evil, plan: evil, yearly: true, amount: 29_000, currency: 'USD', at: null },
  'plan-ending': {
    firstName: evil,
    plan: evil,
    yearly: false,
    amount: 2_900,
    currency: 'USD',
    at: '2026-12-21T12:00:00.000Z',
  },
  'plan-trial-ending': {
    firstName: evil,
    plan: evil,
    yearly: false,
    amount: 2_900,
    currency: 'USD',
    at: null,
  },
  'account-trial': { firstName: evil, endsAt: '2026-12-05T12:00:00.000Z', over: false },
  'listing-rated': { firstName: evil, title: evil, slug: evil, rating: 5 },
  'listing-reviewed': {
    firstName: evil,
    title: evil,
    slug: evil,
    status: 'REJECTED',
    again: false,
    reason: evil,
  },
  'affiliate-reviewed': { firstName: evil, status: 'REJECTED', again: false, reason: evil },
  'account-closed': {},
  digest: { firstName: evil, items: [{ title: evil, text: evil }], more: 2 },
  'admin-alert': { title: 'Look', text: evil },
}

describe('a mail', () => {
  it.each(Object.keys(samples) as (keyof MailTemplates)[])(
    '%s can be read as text, and is escaped as HTML',
    async (name) => {
      const ctx = testContext(database.db)
      await enqueueMail(ctx, { key: `all:${name}`, to: 'a@x.example', template: name, data: samples[name] })
      const mail = await database.db.query.mails.findFirst({ where: eq(mails.key, `all:${name}`) })
      await sendMail(ctx, mail?.id ?? '')
      const [sent] = ctx.sent
      expect(sent?.subject).not.toMatch(/[\r\n]/)
      expect(sent?.html).not.toContain('<img')
      expect(sent?.text).toMatch(/Hello/)
    },
  )
  it('a mail about a sale that was taken back says what became of the commission', () => {
    const links = { appUrl: 'https://o.example', token: (id: string) => `T${id}` }
    const facts = (reversed: number, held: number) =>
      templates['sale-reversed']({ ...samples['sale-reversed'], reversed, held }, links).facts
    expect(facts(1900, 0)).toEqual([['Taken back of your commission', '19.00 USD']])
    expect(facts(-1900, 0)).toEqual([['Restored of your commission', '19.00 USD']])
    expect(facts(0, 1900)).toEqual([['Held of your commission', '19.00 USD']])
    expect(facts(1900, -1900)).toEqual([
      ['Taken back of your commission', '19.00 USD'],
      ['No longer held', '19.00 USD'],
    ])
    const refunded = (frozen: boolean) =>
      templates['payment-refunded']({ ...samples['payment-refunded'], frozen }, links).paragraphs
    expect(refunded(true)).toHaveLength(2)
    expect(refunded(false)).toHaveLength(1)
  })

  it('shows amounts as their currency is written', () => {
    const links = { appUrl: 'https://o.example', token: (id: string) => `T${id}` }
    const ready = templates['purchase-ready'](samples['purchase-ready'], links)
    expect(ready.facts).toContainEqual(['Paid', '12,345.67 USD'])
    expect(ready.facts).toContainEqual(['Copied', '1 funnel, 20 pages, themes and role templates'])
    expect(ready.facts).toContainEqual(['Needs your input', 'nothing'])
    expect(templates['workspace-sold'](samples['workspace-sold'], links).facts).toEqual([
      ['Paid', '5,000 JPY'],
      ['On', '2026-11-21 10:11 UTC'],
      ['You earned', '-1,005 JPY'],
      ['State', 'credited to your balance'],
    ])
    expect(templates['purchase-refunded'](samples['purchase-refunded'], links).facts).toEqual([
      ['Refunded', '0.005 KWD'],
    ])
  })
  it('to a buyer with an account leads to the copy, and changes no password', () => {
    const links = { appUrl: 'https://o.example', token: (id: string) => `T${id}` }
    const known = templates['purchase-ready'](
      {
        ...samples['purchase-ready'],
        tokenId: null,
        existingAccount: true,
        needsInput: ['Tracking.', 'Password.'],
      },
      links,
    )
    expect(known.action?.url).toBe('https://o.example/workspaces/w')
    expect(known.facts).toContainEqual(['Needs your input', 'Tracking.; Password.'])
    const unproven = templates['purchase-ready'](
      { ...samples['purchase-ready'], existingAccount: true },
      links,
    )
    expect(unproven.action?.url).toBe('https://o.example/auth/reset-password?token=Tt')
    expect(unproven.paragraphs.join(' ')).toContain('Confirm the address')
  })
})

describe('the mail server', () => {
  it('is handed one recipient, whatever the name or address says', async () => {
    const envelopes: string[][] = []
    let message = ''
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        envelopes.push(session.envelope.rcptTo.map(({ address }) => address))
        stream.on('data', (chunk: Buffer) => {
          message += chunk.toString()
        })
        stream.on('end', () => done())
      },
    })
    const port = await new Promise<number>((ready) => {
      const listening = server.listen(0, '127.0.0.1', () => {
        const address = listening.address()
        ready(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const transport = createSmtpTransport(`smtp://127.0.0.1:${port}`, 'Offshoot <no-reply@offshoot.example>')
    await transport.send({
      messageId: '<m1@offshoot.example>',
      to: { name: 'Ann, evil@x.example\r\nBcc: evil@x.example', address: 'ann@x.example' },
      subject: 'Hello\r\nBcc: evil@x.example',
      text: 'text',
      html: '<p>text</p>',
    })
    await new Promise<void>((closed) => server.close(() => closed()))
    expect(envelopes).toEqual([['ann@x.example']])
    expect(message).toContain('Message-ID: <m1@offshoot.example>')
    expect(message).not.toMatch(/^Bcc:/im)
  })
})
