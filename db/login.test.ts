import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postTransfer } from '../server/domain/balance'
import { sqlState } from '../server/kit/errors'
import { APPLICATION_ROLE, type Connection, connect, type DatabaseAddress } from './client'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded'
import { applicationAccess, excessOf } from './login'
import { migrateDatabase } from './migrate'
import { testContext } from './testing/context'
import { givenHolder } from './testing/factories/balance'

const MIGRATIONS = resolve(import.meta.dirname, 'migrations')
const key = (mark: number) => Buffer.alloc(32, mark)

let folder: string
let cluster: EmbeddedPostgres
let admin: postgres.Sql

// A server of its own, which asks everybody but its superuser for a password.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'offshoot-login-'))
  chmodSync(folder, 0o755)
  cluster = await startEmbeddedPostgres({ dataDir: join(folder, 'pg'), throwaway: true })
  admin = postgres(cluster.url('postgres'), { max: 1, onnotice: () => {} })
  writeFileSync(
    join(cluster.dataDir, 'pg_hba.conf'),
    [
      'host all app 127.0.0.1/32 trust',
      'host closed all all reject',
      'host all all all scram-sha-256',
      '',
    ].join('\n'),
  )
  await admin`select pg_reload_conf()`
  await admin.unsafe('create database template_of_logins')
  await migrateDatabase(cluster.url('template_of_logins'), MIGRATIONS)
})
afterAll(async () => {
  await admin?.end()
  await cluster?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A migrated database of the superuser's; its address. */
const databaseNamed = async (name: string): Promise<string> => {
  await admin.unsafe(`create database ${name} template template_of_logins`)
  return cluster.url(name)
}
/** An empty database whose owner is no superuser, as at most hosts. */
const ownedBy = async (user: string, may: string): Promise<string> => {
  await admin.unsafe(`create role ${user} login password 'secret' ${may}`)
  await admin.unsafe(`create database ${user} owner ${user}`)
  return cluster.url(user, `${user}:secret`)
}
const opened = async <T>(
  address: DatabaseAddress,
  work: (connection: Connection) => Promise<T>,
  role: string | null = null,
): Promise<T> => {
  const connection = connect(address, { max: 1, role })
  try {
    return await work(connection)
  } finally {
    await connection.close(1)
  }
}
const whoami = (address: DatabaseAddress): Promise<string | undefined> =>
  opened(address, async ({ db }) => {
    const [row] = await db.execute<{ session_user: string }>(sql`select session_user`)
    return row?.session_user
  })
const stateOf = (work: PromiseLike<unknown>): Promise<string | undefined> =>
  Promise.resolve(work).then(
    () => 'done',
    (error: unknown) => sqlState(error),
  )
const loginsOf = async (database: string): Promise<string[]> => {
  const rows = await admin<{ rolname: string }[]>`
    select rolname from pg_roles, pg_database d where d.datname = ${database}
      and starts_with(rolname, 'offshoot_app_' || d.oid || '_')`
  return rows.map(({ rolname }) => rolname)
}

describe("a session of the application's", () => {
  let app: Connection
  let userId: string
  let address: DatabaseAddress

  beforeAll(async () => {
    const url = await databaseNamed('sessions')
    const access = await applicationAccess(url, key(1))
    expect(access).toMatchObject({ role: null, obstacle: null })
    address = access.address
    app = connect(address, { max: 1, role: access.role })
    userId = (await givenHolder(app.db)).userId
    await post(5_000n)
  })
  afterAll(() => app.close(1))

  const post = (amount: bigint) =>
    postTransfer(testContext(app.db), {
      key: `bonus-${amount}`,
      kind: 'BONUS',
      currency: 'USD',
      referenceType: 'TEST',
      referenceId: String(amount),
      entries: [
        { account: { kind: 'revenue' }, amount: -amount },
        { account: { kind: 'available', userId }, amount, lineType: 'COMMISSION' },
      ],
    })

  it('is signed in as a role that is only the application', async () => {
    expect(await whoami(address)).toMatch(/^offshoot_app_\d+_[0-9a-f]{8}$/)
    expect(await excessOf(address)).toBeNull()
  })

  it('posts through the one function', async () => {
    expect(await post(700n)).toMatchObject({ replayed: false })
  })

  it.each([
    'update ledger_entries set amount = 1',
    'update ledger_transfers set notes = $$mine$$',
    'update ledger_accounts set balance = balance + 100',
    'delete from ledger_entries',
    'delete from ledger_transfers',
    'delete from ledger_accounts',
    'truncate ledger_entries',
    'truncate ledger_transfers cascade',
    'truncate ledger_accounts cascade',
    'insert into ledger_entries (transfer_id, account_id, currency, amount, created_at) select transfer_id, account_id, currency, amount, created_at from ledger_entries',
    "insert into ledger_accounts (kind, name, currency) values ('revenue', '', 'EUR')",
    'alter table ledger_entries disable trigger all',
    'alter table ledger_entries disable trigger ledger_entries_append_only',
    'alter table ledger_entries owner to current_user',
    'drop trigger ledger_entries_append_only on ledger_entries',
    'drop table ledger_entries',
    'create trigger mine before insert on ledger_entries for each row execute function refuse_change()',
    'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return new; end $$',
    'create function public.sha256(text) returns bytea language sql as $$ select null::bytea $$',
    "set session_replication_role = 'replica'",
    'set role app',
    'set session authorization app',
    'alter role current_user superuser',
    'alter role app password null',
    'grant app to current_user',
    'create role other login',
    "copy (select 1) to program 'true'",
  ])('is refused: %s', async (statement) => {
    expect(await stateOf(app.db.execute(statement))).toBe('42501')
  })

  it('stays what it is when it resets its role, and then can do no more', async () => {
    for (const leave of ['reset role', 'reset session authorization', 'discard all', 'set role none'])
      await app.db.execute(leave)
    const [row] = await app.db.execute<{ current_user: string }>('select current_user')
    expect(row?.current_user).toMatch(/^offshoot_app_/)
    expect(await stateOf(app.db.execute('delete from ledger_entries'))).toBe('42501')
  })
})

describe("the application's login", () => {
  it('is made once, however many processes start at once', async () => {
    const url = await databaseNamed('at_once')
    const accesses = await Promise.all([1, 2, 3, 4].map(() => applicationAccess(url, key(1))))
    for (const { address, obstacle } of accesses) {
      expect(obstacle).toBeNull()
      expect(await excessOf(address)).toBeNull()
    }
    expect(await loginsOf('at_once')).toHaveLength(1)
  })

  it('is one for each installation of a server, with a password of its own', async () => {
    const urls = [await databaseNamed('house_one'), await databaseNamed('house_two')]
    const [one, two] = await Promise.all(urls.map((url, n) => applicationAccess(url, key(n + 2))))
    const users = [one?.address.login?.user, two?.address.login?.user]
    expect(new Set(users).size).toBe(2)
    expect(await whoami(one?.address ?? { url: '' })).toBe(users[0])
    const crossed = { user: users[1] ?? '', password: key(2).toString('base64url'), database: 'house_two' }
    expect(await stateOf(whoami({ url: urls[1] ?? '', login: crossed }))).toBe('28P01')
  })

  it('goes on under the old key while a new one comes in, and ends when nobody uses it', async () => {
    const url = await databaseNamed('rotated')
    const before = await applicationAccess(url, key(4))
    await opened(before.address, async ({ db }) => {
      await db.execute('select 1')
      const after = await applicationAccess(url, key(5))
      expect(after.address.login?.user).not.toBe(before.address.login?.user)
      expect(await whoami(after.address)).toBe(after.address.login?.user)
      expect(await whoami(before.address)).toBe(before.address.login?.user)
    })
    await expect.poll(() => admin`select from pg_stat_activity where datname = 'rotated'`).toHaveLength(0)
    const again = await applicationAccess(url, key(5))
    expect(await loginsOf('rotated')).toEqual([again.address.login?.user])
    expect(await stateOf(whoami(before.address))).toBe('28P01')
  })

  it('is put right when somebody changed its password or took its rights', async () => {
    const url = await databaseNamed('meddled')
    const { address } = await applicationAccess(url, key(1))
    await admin.unsafe(`alter role ${address.login?.user} password 'other'`)
    expect(await applicationAccess(url, key(1))).toMatchObject({ obstacle: null })
    await admin.unsafe(`revoke ${APPLICATION_ROLE} from ${address.login?.user}`)
    expect(await excessOf(address)).toContain('has no rights here')
    expect(await applicationAccess(url, key(1))).toMatchObject({ obstacle: null })
    expect(await excessOf(address)).toBeNull()
  })

  it('gets in where the public may not connect', async () => {
    const url = await databaseNamed('private_house')
    await admin.unsafe('revoke connect on database private_house from public')
    const { address, obstacle } = await applicationAccess(url, key(1))
    expect(obstacle).toBeNull()
    expect(await whoami(address)).toBe(address.login?.user)
  })

  it('is made by an owner who is no superuser but may make roles', async () => {
    const url = await ownedBy('maker', 'createrole')
    await admin.unsafe('grant offshoot_app to maker with admin option')
    await migrateDatabase(url, MIGRATIONS)
    const access = await applicationAccess(url, key(1))
    expect(access).toMatchObject({ role: null, obstacle: null })
    expect(await excessOf(access.address)).toBeNull()
    const next = await applicationAccess(url, key(2))
    expect(await loginsOf('maker')).toEqual([next.address.login?.user])
  })

  it('is missing when the owner may make no roles: sessions become the role, and what to grant is said', async () => {
    const url = await ownedBy('plain', '')
    await admin.unsafe('grant offshoot_app to plain')
    await migrateDatabase(url, MIGRATIONS)
    const access = await applicationAccess(url, key(1))
    expect(access).toMatchObject({ address: { url }, role: APPLICATION_ROLE })
    expect(access.obstacle).toContain(
      'ALTER ROLE plain CREATEROLE; GRANT offshoot_app TO plain WITH ADMIN OPTION;',
    )
    await opened(
      access.address,
      async ({ db }) => expect(await stateOf(db.execute('delete from ledger_entries'))).toBe('42501'),
      access.role,
    )
  })

  it('is given up when the server does not let it in, and what to admit is said', async () => {
    const url = await databaseNamed('closed')
    const access = await applicationAccess(url, key(1))
    expect(access).toMatchObject({ address: { url }, role: APPLICATION_ROLE })
    expect(access.obstacle).toMatch(
      /pg_hba\.conf.* admit the user offshoot_app_\d+_[0-9a-f]{8} with scram-sha-256/,
    )
  })

  it('has a password that the server never sees', async () => {
    const url = await databaseNamed('overheard')
    const { address } = await applicationAccess(url, key(9))
    const [row] = await admin<{ rolpassword: string }[]>`
      select rolpassword from pg_authid where rolname = ${address.login?.user ?? ''}`
    expect(row?.rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/)
    expect(row?.rolpassword).not.toContain(address.login?.password)
  })
})

describe('a login made by hand', () => {
  const excess = async (user: string, grants: (user: string) => string[]): Promise<string | null> => {
    const url = cluster.url('by_hand', `${user}:secret`)
    await admin.unsafe(`create role ${user} login password 'secret'`)
    for (const grant of grants(user))
      await opened({ url: cluster.url('by_hand') }, ({ db }) => db.execute(grant))
    return excessOf({ url })
  }
  beforeAll(() => databaseNamed('by_hand'))

  it('does when it is a member of the role and nothing else', async () => {
    expect(await excess('modest', (user) => [`grant offshoot_app to ${user}`])).toBeNull()
  })
  it('is refused without that membership', async () => {
    expect(await excess('stranger', () => [])).toContain('GRANT offshoot_app TO "stranger"')
  })
  it('is refused when it rules over roles', async () => {
    expect(await excessOf({ url: cluster.url('by_hand') })).toContain('SUPERUSER')
    expect(await excess('ruler', (user) => [`alter role ${user} createrole`])).toContain('CREATEROLE')
  })
  it('is refused when it may become who rules over roles or the server', async () => {
    await admin.unsafe('create role chief superuser')
    await admin.unsafe('create role registrar createrole')
    for (const role of ['chief', 'registrar', 'pg_execute_server_program']) {
      const user = `friend_of_${role}`
      expect(
        await excess(user, () => [
          `grant offshoot_app to ${user}`,
          `grant ${role} to ${user} with inherit false`,
        ]),
      ).toContain('can become who does')
    }
  })
  it('is refused when it may become who changes the ledger', async () => {
    await admin.unsafe('create role scribe')
    expect(
      await excess('friend_of_scribe', (user) => [
        `grant offshoot_app to ${user}`,
        'grant update on ledger_entries to scribe',
        `grant scribe to ${user} with inherit false`,
      ]),
    ).toContain("may change the ledger's tables")
  })
  it('is refused when it may make functions beside the ledger’s', async () => {
    expect(
      await excess('builder', (user) => [
        `grant offshoot_app to ${user}`,
        `grant create on schema public to ${user}`,
      ]),
    ).toContain('REVOKE CREATE ON SCHEMA public')
  })
  it('is refused when it owns the ledger, or may become who does', async () => {
    expect(await excess('heir', (user) => [`grant app to ${user} with inherit false`])).toContain(
      'can become who does',
    )
  })
  it.each(['update', 'insert', 'delete', 'truncate', 'trigger', 'update (balance)'])(
    'is refused when it may %s the ledger',
    async (right) => {
      const user = `with_${right.replace(/\W/g, '_')}`
      const table = 'ledger_accounts'
      expect(
        await excess(user, () => [`grant offshoot_app to ${user}`, `grant ${right} on ${table} to ${user}`]),
      ).toContain("may change the ledger's tables")
    },
  )
  it('is refused when it leads to another database', async () => {
    expect(await excessOf({ url: cluster.url('postgres') })).toContain('another database')
  })
})
