import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  Day,
  dayOf,
  isTimeZone,
  Month,
  monthPeriod,
  type Period,
  periodOf,
  startOfDay,
  TimeZone,
} from './periods'

const HOUR = 3_600_000
const hours = ({ from, to }: Period) => (to.getTime() - from.getTime()) / HOUR
const texts = ({ from, to }: Period) => [from.toISOString(), to.toISOString()]

const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC')
const day = fc
  .date({ min: new Date('1971-01-01T00:00:00Z'), max: new Date('2060-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const unit = fc.constantFrom('day', 'week', 'month', 'year' as const)

describe('periods of a zone (rule 36)', () => {
  it.each([
    ['2026-03-29', 'Europe/Berlin', 23, '2026-03-28T23:00:00.000Z'],
    ['2026-10-25', 'Europe/Berlin', 25, '2026-10-24T22:00:00.000Z'],
    ['2026-03-08', 'America/New_York', 23, '2026-03-08T05:00:00.000Z'],
    ['2026-11-01', 'America/New_York', 25, '2026-11-01T04:00:00.000Z'],
    ['2026-04-05', 'Australia/Lord_Howe', 24.5, '2026-04-04T13:00:00.000Z'],
    // Midnight itself is left out: the day begins at one o'clock.
    ['2018-11-04', 'America/Sao_Paulo', 23, '2018-11-04T03:00:00.000Z'],
    ['2026-04-24', 'Africa/Cairo', 23, '2026-04-23T22:00:00.000Z'],
    // The hour before midnight comes twice: the day before is the long one.
    ['2018-02-17', 'America/Sao_Paulo', 25, '2018-02-17T02:00:00.000Z'],
    // Midnight comes twice: the day begins with the first.
    ['2026-11-01', 'America/Havana', 25, '2026-11-01T04:00:00.000Z'],
    ['2026-11-21', 'UTC', 24, '2026-11-21T00:00:00.000Z'],
    ['2026-11-21', 'Asia/Kathmandu', 24, '2026-11-20T18:15:00.000Z'],
  ])('%s in %s has %s hours and begins at %s', (of, where, length, begins) => {
    const period = periodOf('day', of, where)
    expect(hours(period)).toBe(length)
    expect(period.from.toISOString()).toBe(begins)
  })

  it('a day that a calendar left out has no hours', () => {
    expect(hours(periodOf('day', '2011-12-30', 'Pacific/Apia'))).toBe(0)
    expect(hours(periodOf('day', '2011-12-31', 'Pacific/Apia'))).toBe(24)
  })

  it('weeks begin on Monday, of 167 and 169 hours too', () => {
    expect(texts(periodOf('week', '2026-03-29', 'Europe/Berlin'))).toEqual([
      '2026-03-22T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ])
    expect(hours(periodOf('week', '2026-03-29', 'Europe/Berlin'))).toBe(167)
    expect(hours(periodOf('week', '2026-10-19', 'Europe/Berlin'))).toBe(169)
  })

  it('months and years are the zone’s', () => {
    expect(texts(monthPeriod('2026-11', 'America/New_York'))).toEqual([
      '2026-11-01T04:00:00.000Z',
      '2026-12-01T05:00:00.000Z',
    ])
    expect(texts(monthPeriod('2026-12', 'Pacific/Kiritimati'))).toEqual([
      '2026-11-30T10:00:00.000Z',
      '2026-12-31T10:00:00.000Z',
    ])
    expect(texts(periodOf('year', '2028-02-29', 'UTC'))).toEqual([
      '2028-01-01T00:00:00.000Z',
      '2029-01-01T00:00:00.000Z',
    ])
  })

  it('follow each other without gap or overlap, in every zone', () => {
    fc.assert(
      fc.property(zone, day, unit, (where, of, length) => {
        const period = periodOf(length, of, where)
        expect(period.from <= period.to).toBe(true)
        // Its end is the beginning of the one that the day after its last belongs to.
        const after = addDays(of, { day: 1, week: 7, month: 31, year: 366 }[length])
        if (length === 'day' || length === 'week')
          expect(periodOf(length, after, where).from).toEqual(period.to)
        else expect(startOfDay(`${nextFirst(length, of)}`, where)).toEqual(period.to)
      }),
      { numRuns: 300 },
    )
  })

  it('hold what the zone’s own calendar says is of that day: the first moment shows it, the one before does not', () => {
    fc.assert(
      fc.property(zone, day, (where, of) => {
        const begins = startOfDay(of, where)
        expect(dayOf(begins, where) >= of).toBe(true)
        expect(dayOf(new Date(begins.getTime() - 1), where) < of).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('hold every moment in exactly one day', () => {
    const moment = fc.date({
      min: new Date('1985-01-01T00:00:00Z'),
      max: new Date('2060-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(zone, moment, (where, at) => {
        const of = dayOf(at, where)
        const holding = [-1, 0, 1].filter((step) => {
          const { from, to } = periodOf('day', addDays(of, step), where)
          return from <= at && at < to
        })
        expect(holding).toHaveLength(1)
      }),
      { numRuns: 300 },
    )
  })
})

const nextFirst = (length: 'month' | 'year', of: string): string =>
  length === 'year'
    ? `${Number(of.slice(0, 4)) + 1}-01-01`
    : addDays(`${of.slice(0, 7)}-28`, 4)
        .slice(0, 7)
        .concat('-01')

describe('what comes in', () => {
  it('names a zone as the IANA does', () => {
    for (const name of [
      'Europe/Berlin',
      'UTC',
      'europe/berlin',
      'Etc/GMT+5',
      'America/Argentina/Buenos_Aires',
    ])
      expect(isTimeZone(name)).toBe(true)
    for (const name of ['', 'Mars/Base', '+02:00', 'Europe/Berlin\n', '../etc', 'x'.repeat(100)])
      expect(TimeZone.safeParse(name).success).toBe(false)
  })

  it('names a day or a month there is', () => {
    expect(Day.safeParse('2028-02-29').success).toBe(true)
    for (const text of [
      '2026-02-29',
      '2026-13-01',
      '26-01-01',
      '0001-01-01',
      '9999-12-31',
      '2026-1-1',
      'today',
      '',
    ])
      expect(Day.safeParse(text).success).toBe(false)
    expect(Month.safeParse('2026-12').success).toBe(true)
    for (const text of ['2026-13', '2026-00', '2026-1', '1815-01', '9999-01', '2026-11-01'])
      expect(Month.safeParse(text).success).toBe(false)
  })

  it('is remembered for no more zones than there are', () => {
    const cased = Array.from({ length: 700 }, (_, i) =>
      [...'europe/berlin'].map((c, at) => ((i >> at) & 1 ? c.toUpperCase() : c)).join(''),
    )
    for (const name of cased) expect(isTimeZone(name)).toBe(true)
    expect(dayOf(new Date('2026-03-29T22:30:00Z'), 'Europe/Berlin')).toBe('2026-03-30')
  })
})
