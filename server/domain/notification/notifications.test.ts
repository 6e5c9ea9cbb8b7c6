import { eq } from 'drizzle-orm'
import { SMTPServer } from 'smtp-server'
import { describe, expect, it } from 'vitest'
import { bouncedAddresses, jobs, mails, notificationPreferences, notifications } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { KIND_NAMES, NOTIFICATION_KINDS } from '../../kit/notification-kinds'
import { enqueueMail, type MailTemplates } from '../../kit/queue'
import { createSmtpTransport } from '../../providers/mail'
import { closeAccount } from '../payout'
import {
  countUnread,
  listNotifications,
  markRead,
  preferencesView,
  readUnsubscribe,
  sendDigests,
  sendMail,
  setPreferences,
  tryAddressAgain,
  unsubscribe,
} from '.'

const database = useDatabase()
const HOUR = 3_600_000

const world = async () => {
  const base = testContext(database.db)
  const user = await makeUser(base)
  return { base, user, ctx: base.as(user.actor) }
}

let keys = 0
const tell = async <T extends keyof MailTemplates>(
  ctx: TestContext,
  user: Pick<MadeUser, 'email'>,
  template: T,
  data: MailTemplates[T],
) => {
  keys += 1
  await enqueueMail(ctx, { key: `told:${keys}`, to: user.email, template, data })
  const mail = await ctx.db.query.mails.findFirst({ where: eq(mails.key, `told:${keys}`) })
  if (mail === undefined) throw new Error('no mail')
  return mail
}
const PAID = { firstName: 'Ann', amount: 6_000, currency: 'USD', reason: '', reference: 'R-1' }
const paid = (ctx: TestContext, user: Pick<MadeUser, 'email'>) => tell(ctx, user, 'withdrawal-paid', PAID)
const jobsOf = (mailId: string) => database.db.$count(jobs, eq(jobs.key, `mail:${mailId}`))

describe('being told', () => {
  it('happens by mail and in the application alike, newest first, and is read one by one or all', async () => {
    const { ctx, user } = await world()
    const first = await paid(ctx, user)
    ctx.clock.advance(1_000)
    const second = await tell(ctx, user, 'sale-reversed', {
      firstName: 'Ann',
      workspaceName: 'Kit',
      what: 'REFUNDED',
      currency: 'USD',
      reversed: 5,
      held: 0,
    })
    expect(await countUnread(ctx)).toBe(2)
    const page = await listNotifications(ctx, { limit: 1 })
    expect(page.items).toMatchObject([
      { id: second.id, kind: 'refunds', title: 'A sale was refunded: Kit', link: '/balance', readAt: null },
    ])
    expect(page.items[0]?.text).toMatch(/^[A-Z]/)
    const rest = await listNotifications(ctx, { limit: 5, cursor: page.nextCursor ?? undefined })
    expect(rest).toMatchObject({ items: [{ id: first.id, kind: 'withdrawals' }], nextCursor: null })
    expect(await markRead(ctx, { id: second.id })).toBe('/balance')
    expect(await countUnread(ctx)).toBe(1)
    await markRead(ctx, {})
    expect(await countUnread(ctx)).toBe(0)
    expect([first.status, second.status]).toEqual(['QUEUED', 'QUEUED'])
  })

  it('once per key, and by mail alone what opens the account, and to who has none', async () => {
    const { ctx, user } = await world()
    for (let twice = 0; twice < 2; twice += 1)
      await enqueueMail(ctx, {
        key: `once:${user.id}`,
        to: user.email,
        template: 'withdrawal-paid',
        data: PAID,
      })
    await tell(ctx, user, 'reset-password', { firstName: 'Ann', tokenId: 't' })
    await tell(ctx, { email: 'guest@nobody.example' }, 'payment-failed', {
      firstName: 'G',
      workspaceName: 'Kit',
    })
    expect((await listNotifications(ctx, { limit: 10 })).items).toHaveLength(1)
  })

  it('never shows a link that holds a mailed token, nor one that leaves this site', async () => {
    const { ctx, user } = await world()
    await tell(ctx, user, 'password-changed', { firstName: 'Ann' })
    await tell(ctx, user, 'renewal-failed', {
      firstName: 'Ann',
      what: 'Kit',
      amount: 5,
      currency: 'USD',
      nextAt: null,
      payUrl: 'https://pay.example/x',
      confirm: false,
    })
    const { items } = await listNotifications(ctx, { limit: 10 })
    expect(items.map(({ link }) => link)).toEqual([null, null])
  })

  it('is nobody else’s: theirs is not there', async () => {
    const { ctx, user } = await world()
    const other = await world()
    const { id } = await paid(ctx, user)
    expect((await listNotifications(other.ctx, { limit: 5 })).items).toEqual([])
    for (const asked of [id, crypto.randomUUID()])
      await expect(markRead(other.ctx, { id: asked })).rejects.toMatchObject({
        status: 404,
        code: 'NOTIFICATION_NOT_FOUND',
      })
    await markRead(other.ctx, {})
    expect(await countUnread(ctx)).toBe(1)
  })

  it('ends with the account', async () => {
    const { ctx, user } = await world()
    await paid(ctx, user)
    await setPreferences(ctx, { preferences: [{ kind: 'sales', inApp: false, mail: 'OFF' }] })
    await closeAccount(ctx, { password: TEST_PASSWORD, confirmation: 'close my account' })
    expect(await database.db.$count(notifications, eq(notifications.userId, user.id))).toBe(0)
    expect(
      await database.db.$count(notificationPreferences, eq(notificationPreferences.userId, user.id)),
    ).toBe(0)
  })
})

describe('the preferences', () => {
  it('keep a kind out of the mails, of the application, or of both', async () => {
    const { ctx, user } = await world()
    for (const [inApp, mail, status, shown] of [
      [true, 'OFF', 'OFF', 1],
      [false, 'NOW', 'QUEUED', 1],
      [false, 'OFF', 'OFF', 1],
      [true, 'DAILY', 'DIGEST', 2],
      [true, 'NOW', 'QUEUED', 3],
    ] as const) {
      await setPreferences(ctx, { preferences: [{ kind: 'withdrawals', inApp, mail }] })
      const told = await paid(ctx, user)
      expect(told.status).toBe(status)
      expect(await jobsOf(told.id)).toBe(status === 'QUEUED' ? 1 : 0)
      expect((await listNotifications(ctx, { limit: 10 })).items).toHaveLength(shown)
    }
  })

  it('never keep out what keeps the account safe, nor receipts', async () => {
    const { ctx, user } = await world()
    for (const kind of KIND_NAMES.filter((one) => !NOTIFICATION_KINDS[one].switchable)) {
      await expect(
        setPreferences(ctx, { preferences: [{ kind, inApp: false, mail: 'OFF' }] }),
      ).rejects.toMatchObject({ status: 400 })
      // Not even when somebody wrote it into the table.
      await database.db
        .insert(notificationPreferences)
        .values({ userId: user.id, kind, inApp: false, mail: 'OFF', updatedAt: ctx.now() })
    }
    expect((await tell(ctx, user, 'password-changed', { firstName: 'Ann' })).status).toBe('QUEUED')
    expect(await countUnread(ctx)).toBe(1)
    const { preferences } = await preferencesView(ctx)
    expect(preferences.every(({ mail }) => mail === 'NOW')).toBe(true)
    expect(preferences.map(({ kind }) => kind)).not.toContain('admin')
  })

  it('take each kind once', async () => {
    const { ctx } = await world()
    const sales = { kind: 'sales', inApp: true, mail: 'NOW' } as const
    await expect(setPreferences(ctx, { preferences: [sales, sales] })).rejects.toMatchObject({ status: 400 })
  })
})

describe('unsubscribing', () => {
  /** The link in the last mail. */
  const linkOf = async (ctx: TestContext, user: MadeUser): Promise<string> => {
    await sendMail(ctx, (await paid(ctx, user)).id)
    const { unsubscribeUrl = '', text } = ctx.sent.at(-1) ?? { text: '' }
    expect(text).toContain(`No more mails like this: ${unsubscribeUrl}`)
    return new URL(unsubscribeUrl).searchParams.get('token') ?? ''
  }

  it('is one link in each mail that may be switched off, which ends that kind for that person', async () => {
    const { base, ctx, user } = await world()
    const token = await linkOf(ctx, user)
    expect(readUnsubscribe(base, token)).toEqual({ label: 'Withdrawals' })
    expect((await paid(ctx, user)).status).toBe('QUEUED')
    for (let twice = 0; twice < 2; twice += 1) await unsubscribe(base, token)
    expect((await paid(ctx, user)).status).toBe('OFF')
    expect(await countUnread(ctx)).toBe(3)
    const { preferences } = await preferencesView(ctx)
    expect(preferences.filter(({ mail }) => mail === 'OFF').map(({ kind }) => kind)).toEqual(['withdrawals'])
    const other = await world()
    expect((await paid(other.ctx, other.user)).status).toBe('QUEUED')
  })

  it('is not in mails that may not be switched off', async () => {
    const { ctx, user } = await world()
    await sendMail(ctx, (await tell(ctx, user, 'password-changed', { firstName: 'Ann' })).id)
    expect(ctx.sent.at(-1)?.unsubscribeUrl).toBeUndefined()
    expect(ctx.sent.at(-1)?.text).not.toContain('unsubscribe')
  })

  it('refuses what was not made here', async () => {
    const { base, ctx, user } = await world()
    const token = await linkOf(ctx, user)
    const [id, , mac] = token.split('.')
    for (const bad of [
      'x',
      '',
      `${id}.sales.${mac}`,
      `${id}.security.${mac}`,
      `${id}.none.${mac}`,
      `${token}x`,
    ])
      await expect(
        unsubscribe(base, bad).catch((error: unknown) => Promise.reject(error)),
      ).rejects.toMatchObject({ status: 400, code: 'TOKEN_INVALID' })
    expect(
      await database.db.$count(notificationPreferences, eq(notificationPreferences.userId, user.id)),
    ).toBe(0)
  })
})

describe('the daily digest', () => {
  it('is one mail about all that waits, a day after the first, once however many send it', async () => {
    const { ctx, user } = await world()
    await setPreferences(ctx, { preferences: [{ kind: 'withdrawals', inApp: true, mail: 'DAILY' }] })
    await paid(ctx, user)
    ctx.clock.advance(23 * HOUR)
    await paid(ctx, user)
    await sendDigests(ctx)
    const digests = () =>
      database.db
        .select()
        .from(mails)
        .where(eq(mails.to, user.email))
        .then((rows) => rows.filter(({ template }) => template === 'digest'))
    expect(await digests()).toEqual([])
    ctx.clock.advance(HOUR)
    await Promise.all([sendDigests(ctx), sendDigests(ctx)])
    await sendDigests(ctx)
    const [digest, ...more] = await digests()
    expect(more).toEqual([])
    expect(digest?.data).toMatchObject({ items: [{}, {}], more: 0 })
    await sendMail(ctx, digest?.id ?? '')
    expect(ctx.sent.at(-1)).toMatchObject({ subject: '2 things happened' })
    expect(ctx.sent.at(-1)?.text).toContain('/settings/notifications')
  })
})

describe('an address whose server refuses mails for good', () => {
  /** A mail server that knows nobody called gone@…, and is out of order for later@…. */
  const served = async (work: (ctx: TestContext) => Promise<void>) => {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, done) => {
        const code = address.startsWith('gone') ? 550 : address.startsWith('later') ? 451 : 0
        done(code === 0 ? null : Object.assign(new Error('no such user'), { responseCode: code }))
      },
      onData: (stream, _session, done) => {
        stream.resume()
        stream.on('end', () => done())
      },
    })
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', () => up()))
    const { port } = server.server.address() as { port: number }
    const mail = createSmtpTransport(`smtp://127.0.0.1:${port}`, 'Offshoot <no-reply@offshoot.example>')
    try {
      await work(testContext(database.db, { outside: { mail } }))
    } finally {
      await new Promise<void>((down) => server.close(() => down()))
    }
  }
  const statusOf = async (id: string) =>
    (await database.db.query.mails.findFirst({ where: eq(mails.id, id) }))?.status

  it('is marked, shown, and not written to until its owner says so, but for links they ask for', async () => {
    await served(async (base) => {
      const user = await makeUser(base, { email: `gone-${crypto.randomUUID()}@x.example` })
      const ctx = base.as(user.actor)
      const first = await paid(ctx, user)
      await sendMail(ctx, first.id)
      expect(await statusOf(first.id)).toBe('DEAD')
      expect(await database.db.select().from(bouncedAddresses)).toMatchObject([
        { email: user.email, code: '550' },
      ])
      expect((await preferencesView(ctx)).bouncedAt).toBe(ctx.now().toISOString())
      const silent = testContext(database.db)
      const second = await paid(ctx, user)
      await sendMail(silent, second.id)
      expect([silent.sent.length, await statusOf(second.id)]).toEqual([0, 'DEAD'])
      await tryAddressAgain(ctx)
      expect((await preferencesView(ctx)).bouncedAt).toBeNull()
      await sendMail(ctx, (await paid(ctx, user)).id)
      // One that arrives after all ends it.
      await sendMail(silent, (await tell(ctx, user, 'reset-password', { firstName: 'A', tokenId: 't' })).id)
      expect(silent.sent).toHaveLength(1)
      expect((await preferencesView(ctx)).bouncedAt).toBeNull()
    })
  })

  it('is not one that is only out of order', async () => {
    await served(async (base) => {
      const user = await makeUser(base, { email: `later-${crypto.randomUUID()}@x.example` })
      const { id } = await paid(base, user)
      await expect(sendMail(base, id)).rejects.toThrow()
      expect(await statusOf(id)).toBe('QUEUED')
      const fine = await makeUser(base, { email: `fine-${crypto.randomUUID()}@x.example` })
      const other = await paid(base, fine)
      await sendMail(base, other.id)
      expect(await statusOf(other.id)).toBe('SENT')
    })
  })
})
