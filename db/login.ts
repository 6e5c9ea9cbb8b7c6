import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { APPLICATION_ROLE, type DatabaseAddress, type DatabaseLogin } from './client'

/** How the sessions of the application are opened at a given address. */
export interface ApplicationAccess {
  readonly address: DatabaseAddress
  /** The role each session becomes; null: it is signed in as one that has no more rights than that. */
  readonly role: string | null
  /** What is in the way of a login of the application's own, and what to do about it; null: nothing is. */
  readonly obstacle: string | null
}

/**
 * A login that is only the application's, made beside the owner's: whoever gets a statement of their own into one of
 * its sessions cannot go back to the owner. There is one for each database and key, so installations that share a server
 * keep apart, and while APP_SECRET is changed, processes with the old one and the new one both get in; logins of
 * former keys go when nobody is signed in as them. Any number of processes may ask at once.
 * @param url the address as the owner, who has migrated it
 * @param key 32 bytes that only this installation knows; the password is made of them and is never sent to the server
 */
export const applicationAccess = async (url: string, key: Buffer): Promise<ApplicationAccess> => {
  const owner = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const login = await loginFor(owner, key)
    const refusal = (await signIn(url, login)) === null ? null : await makeLogin(owner, url, login)
    if (refusal !== null) return { address: { url }, role: APPLICATION_ROLE, obstacle: refusal }
    await dropFormerLogins(owner, login)
    return { address: { url, login }, role: null, obstacle: null }
  } finally {
    await owner.end({ timeout: 5 })
  }
}

/**
 * What a role may do to the ledger besides posting, in words; null when it is as it should be.
 * @param address where and as whom the application's sessions are opened
 */
export const excessOf = async ({ url, login, pooled = false }: DatabaseAddress): Promise<string | null> => {
  const client = postgres(url, { ...login, max: 1, prepare: !pooled, onnotice: () => {} })
  try {
    const [role] = await client<
      {
        name: string
        ledger: boolean
        rules_roles: boolean
        owns: boolean
        changes: boolean
        creates: boolean
        posts: boolean
      }[]
    >`
      select current_user as name, count(distinct l.oid) = 3 as ledger,
        bool_or(m.rolsuper or m.rolcreaterole or m.rolname in ('pg_execute_server_program', 'pg_write_server_files')) as rules_roles,
        coalesce(bool_or(pg_has_role(l.relowner, 'member')), false) as owns,
        coalesce(bool_or(has_table_privilege(m.oid, l.oid, 'insert, update, delete, truncate, trigger')
          or has_any_column_privilege(m.oid, l.oid, 'insert, update')), false) as changes,
        bool_or(has_schema_privilege(m.oid, 'public', 'create')) as creates,
        coalesce(bool_and(has_table_privilege(l.oid, 'select')), false)
          and coalesce(bool_or(has_function_privilege(f.oid, 'execute')), false) as posts
      from pg_roles r
      -- Itself, and every role whose rights it has or may take on.
      join pg_roles m on pg_has_role(r.oid, m.oid, 'member')
      left join pg_class l on l.oid in (to_regclass('public.ledger_accounts'), to_regclass('public.ledger_transfers'),
        to_regclass('public.ledger_entries'))
      left join pg_proc f on f.proname = 'ledger_post' and f.pronamespace = 'public'::regnamespace
      where r.rolname = current_user`
    if (role === undefined || !role.ledger) return 'finds no tables of Offshoot: it is another database'
    if (role.rules_roles)
      return `is ${role.name}, who rules over roles or the server (SUPERUSER, CREATEROLE), or can become who does, and so over the ledger`
    if (role.owns) return `is ${role.name}, who owns the ledger's tables, or can become who does`
    if (role.changes) return `is ${role.name}, who may change the ledger's tables directly`
    if (role.creates)
      return `is ${role.name}, who may make functions beside the ledger's: let an administrator run REVOKE CREATE ON SCHEMA public FROM PUBLIC, ${APPLICATION_ROLE}, "${role.name}"`
    if (!role.posts)
      return `is ${role.name}, who has no rights here: let an administrator run GRANT ${APPLICATION_ROLE} TO "${role.name}"`
    return null
  } finally {
    await client.end({ timeout: 5 })
  }
}

const loginFor = async (owner: postgres.Sql, key: Buffer): Promise<DatabaseLogin> => {
  const [database] = await owner<{ oid: number; datname: string }[]>`
    select oid, datname from pg_database where datname = current_database()`
  if (database === undefined) throw new Error('the database has no name')
  const mark = createHash('sha256').update(key).digest('hex').slice(0, 8)
  return {
    user: `${loginsOf(database.oid)}${mark}`,
    password: key.toString('base64url'),
    database: database.datname,
  }
}

const loginsOf = (databaseOid: number): string => `${APPLICATION_ROLE}_${databaseOid}_`

/** Null when it worked, with the application's rights; else why not. A server that cannot be asked now is an error. */
const signIn = async (url: string, login: DatabaseLogin): Promise<string | null> => {
  const client = postgres(url, { ...login, max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    const [row] = await client<{ member: boolean }[]>`
      select pg_has_role(current_user, ${APPLICATION_ROLE}, 'usage') as member`
    return row?.member === true ? null : `${login.user} is no member of ${APPLICATION_ROLE}`
  } catch (error) {
    const busy = /^(53|57)/
    if (!(error instanceof postgres.PostgresError) || busy.test(error.code)) throw error
    return error.message
  } finally {
    await client.end({ timeout: 1 })
  }
}

const INSUFFICIENT_PRIVILEGE = '42501'

/** Null when the login is there and works; else what is in the way. */
const makeLogin = async (owner: postgres.Sql, url: string, login: DatabaseLogin): Promise<string | null> => {
  try {
    return await owner
      .begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(hashtextextended('offshoot:login', 0))`
        // Another process may have made it while this one waited.
        if ((await signIn(url, login)) === null) return null
        await tx.savepoint((inner) => prepareLogin(inner, login))
        return null
      })
      .then(async () => {
        const refusal = await signIn(url, login)
        return refusal === null
          ? null
          : `the server does not let it in (${refusal}). Let pg_hba.conf, or the pooler, admit the user ${login.user} with scram-sha-256`
      })
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || error.code !== INSUFFICIENT_PRIVILEGE) throw error
    const [me] = await owner<{ name: string }[]>`select quote_ident(current_user) as name`
    return `the database's user may not make it (${error.message}). Let an administrator run ALTER ROLE ${me?.name} CREATEROLE; GRANT ${APPLICATION_ROLE} TO ${me?.name} WITH ADMIN OPTION;`
  }
}

/** The names below are made of digits and known words, the verifier of base64: nothing in them needs quoting. */
const prepareLogin = async (tx: postgres.TransactionSql, login: DatabaseLogin): Promise<void> => {
  const [known] = await tx`select from pg_roles where rolname = ${login.user}`
  const attributes = `login inherit password '${scramVerifier(login.password)}'`
  await tx.unsafe(
    known === undefined
      ? `create role ${login.user} nosuperuser nocreatedb nocreaterole noreplication ${attributes}`
      : `alter role ${login.user} ${attributes}`,
  )
  const [has] = await tx<{ membership: boolean; entry: boolean }[]>`
    select pg_has_role(${login.user}, ${APPLICATION_ROLE}, 'usage') as membership,
      has_database_privilege(${login.user}, current_database(), 'connect') as entry`
  if (has?.membership !== true) await tx.unsafe(`grant ${APPLICATION_ROLE} to ${login.user}`)
  // To the shared role, so that nothing hangs on the login and it can be dropped.
  if (has?.entry !== true)
    await tx`grant connect on database ${tx(login.database)} to ${tx(APPLICATION_ROLE)}`
}

/** What PostgreSQL keeps of a password (RFC 5803), made here: neither the wire nor the server's log sees the password. */
const scramVerifier = (password: string): string => {
  const iterations = 4096
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`
}

/** Those of this database that belong to another key and are not signed in. One that cannot be dropped stays. */
const dropFormerLogins = async (owner: postgres.Sql, login: DatabaseLogin): Promise<void> => {
  const former = await owner<{ rolname: string }[]>`
    select rolname from pg_roles where rolname ~ ${`^${login.user.replace(/[0-9a-f]{8}$/, '')}[0-9a-f]{8}$`}
      and rolname <> ${login.user} and not exists (select from pg_stat_activity where usesysid = pg_roles.oid)`
  for (const { rolname } of former) await owner`drop role if exists ${owner(rolname)}`.catch(() => {})
}
