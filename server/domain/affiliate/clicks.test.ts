import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, visit } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { clickedReferral, keepClickPartitions, readReferral, rollUpClicks } from '.'

const database = useDatabase()

const given = async () => {
  const ctx = testContext(database.db)
  const user = await makeUser(ctx)
  return { ctx, ...(await makeAffiliate(ctx, { userId: user.id })) }
}
const from = (address: string, userAgent = 'Browser') => ({ visitor: { address, userAgent } })
const kept = async (affiliateId: string) => {
  const rows = await database.db.execute<{ day: string; visitor: string; source: string; campaign: string }>(
    sql`select day::text, encode(visitor, 'hex') as visitor, source, campaign from clicks where affiliate_id = ${affiliateId}`,
  )
  return [...rows]
}
const counted = async (affiliateId: string, table: 'days' | 'quarters') => {
  const source = table === 'days' ? sql`click_days` : sql`click_quarters`
  const [row] = await database.db.execute<{ n: string }>(
    sql`select coalesce(sum(clicks), 0)::text as n from ${source} where affiliate_id = ${affiliateId}`,
  )
  return Number(row?.n)
}
/** Transactions of other test files are open at the same time: the roll-up stops before them. */
const rolledUp = async (ctx: Parameters<typeof rollUpClicks>[0], affiliateId: string, expected: number) => {
  for (let attempt = 0; attempt < 200 && (await counted(affiliateId, 'days')) < expected; attempt += 1) {
    await rollUpClicks(ctx)
    await new Promise((resume) => setTimeout(resume, 50))
  }
}

describe('a click', () => {
  it('counts once for each visitor and day, however often and at once it comes', async () => {
    const { ctx, id, code } = await given()
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => clickedReferral(ctx, visit(code, from(`192.0.2.${i % 3}`)))),
    )
    expect(await kept(id)).toHaveLength(3)
    await clickedReferral(ctx, visit(code, from('192.0.2.1', 'Another browser')))
    expect(await kept(id)).toHaveLength(4)
    ctx.clock.advance(86_400_000)
    await clickedReferral(ctx, visit(code, from('192.0.2.1')))
    expect(await kept(id)).toHaveLength(5)
  })

  it('that comes again moves the attribution’s time all the same', async () => {
    const { ctx, code } = await given()
    await clickedReferral(ctx, visit(code))
    ctx.clock.advance(60_000)
    const again = await clickedReferral(ctx, visit(code))
    expect(readReferral(ctx, again)).toMatchObject({ code, clickedAt: ctx.now() })
  })

  it('keeps no address, and no hash that would tell the same visitor the next day', async () => {
    const { ctx, id, code } = await given()
    await clickedReferral(ctx, visit(code))
    ctx.clock.advance(86_400_000)
    await clickedReferral(ctx, visit(code))
    const [first, second] = await kept(id)
    expect(first?.visitor).toMatch(/^[0-9a-f]{32}$/)
    expect(first?.visitor).not.toBe(second?.visitor)
  })

  it('keeps what the address said as it was, shortened and without control characters', async () => {
    const { ctx, id, code } = await given()
    const origin = {
      source: '=cmd|"x"',
      medium: '\u0000m\n',
      campaign: '🎈'.repeat(500),
      landingPage: `/${'ü'.repeat(900)}`,
    }
    const proof = await clickedReferral(ctx, visit(code, { origin }))
    expect(await kept(id)).toMatchObject([{ source: '=cmd|"x"', campaign: '🎈'.repeat(100) }])
    expect(readReferral(ctx, proof)?.origin).toEqual({
      source: '=cmd|"x"',
      medium: 'm',
      campaign: '🎈'.repeat(100),
      landingPage: `/${'ü'.repeat(199)}`,
    })
    expect((proof ?? '').length).toBeLessThan(3_000)
    await rolledUp(ctx, id, 1)
    expect(await counted(id, 'days')).toBe(1)
  })

  it('of any day finds its place, whichever month it is', async () => {
    const { ctx, id, code } = await given()
    for (const day of ['2026-11-30T23:59:59.999Z', '2026-12-01T00:00:00Z', '2041-05-05T00:00:00Z']) {
      ctx.clock.set(new Date(day))
      await clickedReferral(ctx, visit(code))
    }
    expect((await kept(id)).map(({ day }) => day).sort()).toEqual(['2026-11-30', '2026-12-01', '2041-05-05'])
  })
})

describe('the roll-up', () => {
  it('counts each click once, also beside another, and beside clicks that come meanwhile', async () => {
    const { ctx, id, code } = await given()
    const click = (i: number) => clickedReferral(ctx, visit(code, from(`198.51.100.${i}`)))
    for (let i = 0; i < 40; i += 4)
      await Promise.all([...[i, i + 1, i + 2, i + 3].map(click), rollUpClicks(ctx), rollUpClicks(ctx)])
    await rolledUp(ctx, id, 40)
    await rollUpClicks(ctx)
    expect(await counted(id, 'days')).toBe(40)
    expect(await counted(id, 'quarters')).toBe(40)
  })

  it('does not miss a click whose transaction was open while later ones were counted', async () => {
    const { ctx, id, code } = await given()
    let release = () => {}
    const open = new Promise<void>((resume) => {
      release = resume
    })
    let begun = () => {}
    const written = new Promise<void>((resume) => {
      begun = resume
    })
    const late = database.db.transaction(async (tx) => {
      await clickedReferral({ ...ctx, db: tx }, visit(code, from('203.0.113.1')))
      begun()
      await open
    })
    await written
    await clickedReferral(ctx, visit(code, from('203.0.113.2')))
    await rollUpClicks(ctx)
    expect(await counted(id, 'days')).toBe(0)
    release()
    await late
    await rolledUp(ctx, id, 2)
    expect(await counted(id, 'days')).toBe(2)
  })
})

describe('in a database restored into another cluster', () => {
  /** As a dump brings it: everything as it was, under the numbers of the transactions there. */
  const restore = async (ahead: number) => {
    await database.owner.execute(sql`update clicks set xid = xid + ${ahead}::bigint`)
    await database.owner.execute(
      sql`update click_rollup set upto = upto + ${ahead}::bigint, cluster = '7000000000000000001'`,
    )
  }
  const click = (given: { ctx: TestContext; code: string }, n: number) =>
    clickedReferral(given.ctx, visit(given.code, from(`198.51.100.${n}`)))

  it.each([1_000_000_000, -700])(
    'whose transactions had numbers %d ahead, every click is counted once: those before, those since, those to come',
    async (ahead) => {
      const it = await given()
      await click(it, 1)
      await rolledUp(it.ctx, it.id, 1)
      await click(it, 2)
      await restore(ahead)
      await click(it, 3)
      await Promise.all([rollUpClicks(it.ctx), rollUpClicks(it.ctx), click(it, 4)])
      await rolledUp(it.ctx, it.id, 4)
      expect([await counted(it.id, 'days'), await counted(it.id, 'quarters')]).toEqual([4, 4])
      await click(it, 5)
      await click(it, 1)
      await rolledUp(it.ctx, it.id, 5)
      await rollUpClicks(it.ctx)
      expect([await counted(it.id, 'days'), await counted(it.id, 'quarters')]).toEqual([5, 5])
    },
  )

  it('the counts of months whose clicks are gone stay, and no month goes before the roll-up has looked', async () => {
    const { ctx, id, code } = await given()
    await database.owner.execute(sql`
      insert into click_days (affiliate_id, day, source, medium, campaign, landing_page, clicks)
      values (${id}, '2017-03-04', '', '', '', '/', 7)`)
    ctx.clock.set(new Date('2017-06-15T00:00:00Z'))
    await keepClickPartitions(ctx)
    await clickedReferral(ctx, visit(code))
    await rolledUp(ctx, id, 8)
    await restore(1_000_000)
    ctx.clock.set(new Date('2020-01-01T00:00:00Z'))
    await keepClickPartitions(ctx)
    expect(await kept(id)).toHaveLength(1)
    await rollUpClicks(ctx)
    expect(await counted(id, 'days')).toBe(8)
    await keepClickPartitions(ctx)
    expect(await kept(id)).toEqual([])
    await rollUpClicks(ctx)
    expect(await counted(id, 'days')).toBe(8)
  })
})

describe('the partitions', () => {
  const names = async () =>
    [
      ...(await database.db.execute<{ name: string }>(
        sql`select relname as name from pg_class where relname ~ '^clicks_[0-9]{6}$' order by 1`,
      )),
    ].map(({ name }) => name)

  it('are there for the months ahead, and old ones go as long as clicks are to be kept', async () => {
    const { ctx, id, code } = await given()
    ctx.clock.set(new Date('2021-01-15T00:00:00Z'))
    await Promise.all([keepClickPartitions(ctx), keepClickPartitions(ctx)])
    expect(await names()).toEqual(expect.arrayContaining(['clicks_202101', 'clicks_202104']))
    await clickedReferral(ctx, visit(code))
    await rolledUp(ctx, id, 1)
    ctx.clock.set(new Date('2023-02-28T00:00:00Z'))
    await keepClickPartitions(ctx)
    expect(await names()).toContain('clicks_202101')
    ctx.clock.set(new Date('2023-03-01T00:00:00Z'))
    await keepClickPartitions(ctx)
    expect(await names()).not.toContain('clicks_202101')
    expect(await names()).toEqual(expect.arrayContaining(['clicks_202102', 'clicks_202306']))
    expect(await kept(id)).toEqual([])
    expect(await counted(id, 'days')).toBe(1)
    expect(await keepClickPartitions(ctx)).toBe(0)
  })

  it('stay as many months as the programme says, and until all of their clicks are rolled up', async () => {
    const { ctx, id, code } = await given()
    ctx.clock.set(new Date('2018-01-31T00:00:00Z'))
    await keepClickPartitions(ctx)
    await clickedReferral(ctx, visit(code))
    const { actor } = await makeUser(ctx, { role: 'ADMIN' })
    await changeProgram(ctx.as(actor), ChangeProgramInput.parse({ clickRetentionMonths: 3 }))
    ctx.clock.set(new Date('2018-05-01T00:00:00Z'))
    await keepClickPartitions(ctx)
    expect(await names()).toContain('clicks_201801')
    await rolledUp(ctx, id, 1)
    ctx.clock.set(new Date('2018-04-30T00:00:00Z'))
    await keepClickPartitions(ctx)
    expect(await names()).toContain('clicks_201801')
    ctx.clock.set(new Date('2018-05-01T00:00:00Z'))
    await keepClickPartitions(ctx)
    expect(await names()).not.toContain('clicks_201801')
    expect(await counted(id, 'days')).toBe(1)
    await changeProgram(ctx.as(actor), ChangeProgramInput.parse({ clickRetentionMonths: 25 }))
  })

  it('of the last two months stay, whatever day the application says it is', async () => {
    const { ctx, id, code } = await given()
    const [now] = await database.owner.execute<{ now: Date }>(sql`select now()`)
    ctx.clock.set(new Date(now?.now ?? ''))
    await keepClickPartitions(ctx)
    await clickedReferral(ctx, visit(code))
    const before = await names()
    ctx.clock.set(new Date('2099-06-01T00:00:00Z'))
    await keepClickPartitions(ctx)
    await database.db.execute(sql`select keep_click_partitions(current_date, '9999-01-01')`)
    const after = await names()
    const young = new Date(now?.now ?? '')
    young.setUTCMonth(young.getUTCMonth() - 2, 1)
    const first = `clicks_${young.toISOString().slice(0, 7).replace('-', '')}`
    expect(before.filter((name) => name >= first && !after.includes(name))).toEqual([])
    expect(await kept(id)).toHaveLength(1)
  })

  it('that are busy are left for the next time, while those ahead are made; no other statement waits less for it', async () => {
    const { ctx } = await given()
    ctx.clock.set(new Date('2019-01-15T00:00:00Z'))
    await keepClickPartitions(ctx)
    ctx.clock.set(new Date('2021-09-15T00:00:00Z'))
    await database.owner.transaction(async (reader) => {
      await reader.execute(sql`lock table clicks_201902 in access share mode`)
      await database.db.transaction(async (tx) => {
        await keepClickPartitions({ ...ctx, db: tx })
        const [row] = await tx.execute<{ wait: string }>(sql`select current_setting('lock_timeout') as wait`)
        expect(row?.wait).not.toBe('2s')
      })
    })
    expect(await names()).toEqual(expect.arrayContaining(['clicks_201902', 'clicks_202112']))
    expect(await names()).not.toContain('clicks_201901')
    await keepClickPartitions(ctx)
    expect(await names()).not.toContain('clicks_201902')
  })

  it('are made and dropped by that one way only, and their clicks are changed by none', async () => {
    await expect(database.db.execute(sql`drop table clicks_other`)).rejects.toThrow()
    await expect(database.db.execute(sql`delete from clicks`)).rejects.toThrow()
    await expect(database.db.execute(sql`delete from clicks_other`)).rejects.toThrow()
    await expect(database.db.execute(sql`update clicks set source = ''`)).rejects.toThrow()
    const open = await database.db.execute<{ name: string }>(sql`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'clicks'::regclass
        and (has_table_privilege('offshoot_app', c.oid, 'update') or has_table_privilege('offshoot_app', c.oid, 'delete')
          or has_table_privilege('offshoot_app', c.oid, 'truncate'))`)
    expect([...open]).toEqual([])
  })
})
