import { z } from 'zod'
import { type BasisPoints, basisPoints } from './money'

export interface StripeSettings {
  readonly secretKey: string
  readonly webhookSecrets: readonly string[]
  /** Where its interface is; null: Stripe's own host. */
  readonly apiBase: string | null
  /** Its prices of the plans, by plan and cycle (joined by _); the others are sent along with each checkout. */
  readonly planPrices: Readonly<Partial<Record<string, string>>>
}

export interface MamoSettings {
  readonly apiKey: string
  /** What MamoPay sends along with its webhooks. */
  readonly webhookSecrets: readonly string[]
  /** Where its interface is, with its path; null: MamoPay's own host. */
  readonly apiBase: string | null
}

/** A bucket that speaks S3; its address holds endpoint and bucket. */
export interface S3Settings {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface Config {
  readonly production: boolean
  readonly port: number
  readonly host: string
  /** Without a trailing slash. */
  readonly appUrl: string
  /** Where published pages have an origin of their own; null: they are on `appUrl`, in a sandbox. */
  readonly pagesUrl: string | null
  /** Null: an embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null
  /** The owner's address, where `databaseUrl` is a login of the application's; null: `databaseUrl` does both. */
  readonly databaseMigrationUrl: string | null
  /** `databaseUrl` leads to a pooler that hands out a session for each transaction, such as PgBouncer. */
  readonly databasePooled: boolean
  /** A read-only copy for reads that may lag; null: none. */
  readonly databaseReplicaUrl: string | null
  readonly dataDir: string
  readonly appSecret: string
  /** Signs the tokens of affiliate links. */
  readonly linkSecret: string
  /** Admins must have a second factor. */
  readonly requireAdmin2fa: boolean
  readonly admin: { readonly email: string; readonly password: string } | null
  readonly seed: 'demo' | 'none'
  /** Null: off, or the sandbox. */
  readonly stripe: StripeSettings | null
  /** As `stripe`. */
  readonly mamo: MamoSettings | null
  /** No provider has keys: the stand-in takes their place. */
  readonly sandbox: boolean
  readonly affiliateCommission: BasisPoints
  readonly referralCommission: BasisPoints
  readonly commissionHoldDays: number
  /** Major units. */
  readonly minWithdrawal: number
  readonly commissionBatchSize: number
  /** Where pictures are kept; null: in `dataDir`. */
  readonly pictureStore: S3Settings | null
  readonly smtpUrl: string | null
  readonly mailFrom: string
  readonly metricsToken: string | null
  readonly logLevel: string
  /** How many proxies in front may be believed about the client's address. */
  readonly trustProxy: number
  /** Requests per address and minute. */
  readonly rateLimits: Readonly<Record<RateLimited, number>>
  /** Announcements may also go to this machine's own network, and without https. */
  readonly endpointsPrivate: boolean
  /** Seconds a job belongs to the worker that claimed it. */
  readonly jobLease: number
}

export type RateLimited = 'sign-up' | 'sign-in' | 'password-reset' | 'create-payment-link' | 'clicks'

export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The settings are not right:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

const DEMO_ADMIN = { email: 'admin@offshoot.example', password: 'demo-admin-please-change' }

/**
 * Reads and checks every setting at once.
 * @param env the environment as it was when the process was started
 * @param makeSecret the secret kept in the data folder, made on the first start; not asked for in production
 * @throws ConfigError naming each wrong setting, what is wrong with it and an example.
 */
export const readConfig = (env: Environment, makeSecret: (dataDir: string) => string): Config => {
  const problems: string[] = []
  const value = (name: string): string | undefined => {
    const text = env[name]?.trim()
    return text === '' ? undefined : text
  }
  const wrong = (name: string, what: string, example: string) => {
    problems.push(`${name} ${what}. Example: ${name}=${example}`)
  }
  const parsed = <T>(name: string, fallback: T, schema: z.ZodType<T>, what: string, example: string): T => {
    const text = value(name)
    if (text === undefined) return fallback
    const result = schema.safeParse(text)
    if (result.success) return result.data
    wrong(name, what, example)
    return fallback
  }
  const whole = (name: string, fallback: number, min: number, max: number) =>
    parsed(
      name,
      fallback,
      z
        .string()
        .regex(/^\d+$/)
        .transform(Number)
        .pipe(z.number().min(min).max(max)) as unknown as z.ZodType<number>,
      `must be a whole number from ${min} to ${max}`,
      String(fallback),
    )
  const flag = (name: string, fallback: boolean): boolean => {
    const text = value(name)
    if (text !== undefined && text !== '0' && text !== '1') wrong(name, 'must be 1 or 0', '1')
    return text === undefined ? fallback : text === '1'
  }
  const rate = (name: string, fallback: string): BasisPoints => {
    const text = value(name) ?? fallback
    try {
      return basisPoints(text)
    } catch {
      wrong(name, 'must be a percentage from 0 to 100 with at most two decimals', fallback)
      return 0
    }
  }
  const address = (name: string, protocols: string[], example: string): string | null => {
    const text = value(name)
    if (text === undefined) return null
    try {
      if (protocols.includes(new URL(text).protocol)) return text.replace(/\/+$/, '')
    } catch {}
    wrong(name, `must be an address (${protocols.map((p) => `${p}//…`).join(' or ')})`, example)
    return null
  }

  const production = env.NODE_ENV === 'production'
  const port = whole('PORT', 3000, 0, 65_535)
  const dataDir = value('DATA_DIR') ?? '.data'
  const databaseUrl = address(
    'DATABASE_URL',
    ['postgres:', 'postgresql:'],
    'postgres://user:password@127.0.0.1:5432/offshoot',
  )
  const databaseMigrationUrl = address(
    'DATABASE_MIGRATION_URL',
    ['postgres:', 'postgresql:'],
    'postgres://owner:password@127.0.0.1:5432/offshoot',
  )
  if (databaseMigrationUrl !== null && value('DATABASE_URL') === undefined)
    wrong(
      'DATABASE_URL',
      'is missing although DATABASE_MIGRATION_URL is set: it is the login that the application works with',
      'postgres://user:password@127.0.0.1:5432/offshoot',
    )
  const databaseReplicaUrl = address(
    'DATABASE_REPLICA_URL',
    ['postgres:', 'postgresql:'],
    'postgres://user:password@127.0.0.2:5432/offshoot',
  )
  if (databaseReplicaUrl !== null && databaseUrl === null)
    wrong(
      'DATABASE_URL',
      'is missing although DATABASE_REPLICA_URL is set: only a given database has a replica',
      'postgres://user:password@127.0.0.1:5432/offshoot',
    )
  const pooler = value('DATABASE_POOLER') ?? 'none'
  if (pooler !== 'none' && pooler !== 'transaction')
    wrong('DATABASE_POOLER', 'must be none or transaction', 'transaction')
  if (pooler === 'transaction' && databaseMigrationUrl === null)
    wrong(
      'DATABASE_MIGRATION_URL',
      'is missing although DATABASE_POOLER is transaction: migrations go past the pooler, as the owner',
      'postgres://owner:password@127.0.0.1:5432/offshoot',
    )
  const appUrl =
    address('APP_URL', ['http:', 'https:'], 'https://offshoot.example') ??
    address('FRONTEND_URL', ['http:', 'https:'], 'https://offshoot.example') ??
    `http://localhost:${port}`

  const pagesUrl = address('PAGES_URL', ['http:', 'https:'], 'https://pages.example')
  if (pagesUrl !== null && new URL(pagesUrl).host === new URL(appUrl).host)
    wrong(
      'PAGES_URL',
      'must have another host than APP_URL: it is there to keep the two apart',
      'https://pages.example',
    )

  const stripe = readStripe(value, wrong, address)
  const mamo = readMamo(value, wrong, address)
  const sandbox = stripe === null && mamo === null
  if (production && sandbox && value('SANDBOX') !== '1')
    problems.push(
      'No payment provider has keys, and in production the sandbox starts only when asked for in words. Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET, or MAMO_API_KEY and MAMO_WEBHOOK_SECRET, or SANDBOX=1. Example: SANDBOX=1',
    )
  if (!sandbox && value('SANDBOX') === '1')
    wrong(
      'SANDBOX',
      `is 1 although ${stripe === null ? 'MAMO_API_KEY' : 'STRIPE_SECRET_KEY'} is set: the two exclude each other`,
      '0',
    )

  const admin = readAdmin(production, value, wrong)
  const seedText = value('SEED') ?? (databaseUrl === null ? 'demo' : 'none')
  if (seedText !== 'demo' && seedText !== 'none') wrong('SEED', 'must be demo or none', 'none')

  const secret = value('APP_SECRET')
  if (secret !== undefined && Buffer.byteLength(secret) < 32)
    wrong('APP_SECRET', 'must have 32 bytes or more', 'the output of: openssl rand -base64 48')
  if (secret === undefined && production)
    wrong('APP_SECRET', 'is missing', 'the output of: openssl rand -base64 48')
  const linkSecret = value('JWT_SECRET')
  if (linkSecret !== undefined && Buffer.byteLength(linkSecret) < 32)
    wrong('JWT_SECRET', 'must have 32 bytes or more', 'the output of: openssl rand -base64 48')

  const smtpUrl = address('SMTP_URL', ['smtp:', 'smtps:'], 'smtps://user:password@mail.example:465')
  const config = {
    production,
    port,
    host: value('HOST') ?? '127.0.0.1',
    appUrl,
    pagesUrl,
    databaseUrl,
    databaseMigrationUrl,
    databasePooled: pooler === 'transaction',
    databaseReplicaUrl,
    dataDir,
    admin,
    requireAdmin2fa: flag('REQUIRE_ADMIN_2FA', production),
    seed: seedText === 'demo' ? ('demo' as const) : ('none' as const),
    stripe,
    mamo,
    sandbox,
    affiliateCommission: rate('AFFILIATE_COMMISSION_PERCENTAGE', '20'),
    referralCommission: rate('REFERRAL_COMMISSION_PERCENTAGE', '15'),
    commissionHoldDays: whole('COMMISSION_HOLD_DAYS', 0, 0, 365),
    minWithdrawal: whole('AFFILIATE_MIN_WITHDRAWAL', 50, 0, 1_000_000),
    commissionBatchSize: whole('PROCESS_COMMISSIONS_BATCH_SIZE', 100, 1, 10_000),
    pictureStore: readPictureStore(value, wrong, address),
    smtpUrl,
    mailFrom: value('MAIL_FROM') ?? 'Offshoot <no-reply@offshoot.example>',
    metricsToken: value('METRICS_TOKEN') ?? null,
    logLevel: parsed(
      'LOG_LEVEL',
      'info',
      z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']) as z.ZodType<string>,
      'must be trace, debug, info, warn, error, fatal or silent',
      'info',
    ),
    trustProxy: whole('TRUST_PROXY', 0, 0, 10),
    rateLimits: {
      'sign-up': whole('RATE_LIMIT_SIGN_UP', 20, 1, 1_000_000),
      'sign-in': whole('RATE_LIMIT_SIGN_IN', 30, 1, 1_000_000),
      'password-reset': whole('RATE_LIMIT_PASSWORD_RESET', 20, 1, 1_000_000),
      'create-payment-link': whole('RATE_LIMIT_CREATE_PAYMENT_LINK', 60, 1, 1_000_000),
      clicks: whole('RATE_LIMIT_CLICKS', 60, 1, 1_000_000),
    },
    endpointsPrivate: whole('ENDPOINTS_PRIVATE', 0, 0, 1) === 1,
    jobLease: whole('JOB_LEASE_SECONDS', 30, 1, 600),
  }
  if (config.affiliateCommission + config.referralCommission > 10_000)
    wrong(
      'AFFILIATE_COMMISSION_PERCENTAGE',
      'and REFERRAL_COMMISSION_PERCENTAGE are more than 100 % together',
      '20',
    )
  if (problems.length > 0) throw new ConfigError(problems)
  const appSecret = secret ?? makeSecret(dataDir)
  return { ...config, appSecret, linkSecret: linkSecret ?? appSecret }
}

type Value = (name: string) => string | undefined
type Wrong = (name: string, what: string, example: string) => void
type Address = (name: string, protocols: string[], example: string) => string | null

const readStripe = (value: Value, wrong: Wrong, address: Address): StripeSettings | null => {
  const secretKey = value('STRIPE_SECRET_KEY')
  const secrets = value('STRIPE_WEBHOOK_SECRET')
  const apiBase = address('STRIPE_API_BASE', ['http:', 'https:'], 'https://api.stripe.com')
  if (secretKey === undefined) {
    if (secrets !== undefined)
      wrong('STRIPE_SECRET_KEY', 'is missing although STRIPE_WEBHOOK_SECRET is set', 'sk_test_…')
    return null
  }
  if (!/^(sk|rk)_(test|live)_\S+$/.test(secretKey))
    wrong('STRIPE_SECRET_KEY', 'must be a secret key (sk_test_… or sk_live_…)', 'sk_test_…')
  const webhookSecrets = listed(secrets)
  if (webhookSecrets.length === 0)
    wrong('STRIPE_WEBHOOK_SECRET', 'is missing: without it no payment can be believed', 'whsec_…')
  if (webhookSecrets.some((part) => !part.startsWith('whsec_')))
    wrong('STRIPE_WEBHOOK_SECRET', 'must be one or two signing secrets (whsec_…), comma-separated', 'whsec_…')
  return { secretKey, webhookSecrets, apiBase, planPrices: readPlanPrices(value, wrong) }
}

const PRICES = [
  'STRIPE_PRICE_BUSINESS_MONTHLY',
  'STRIPE_PRICE_BUSINESS_YEARLY',
  'STRIPE_PRICE_AGENCY_MONTHLY',
  'STRIPE_PRICE_AGENCY_YEARLY',
] as const

const readPlanPrices = (value: Value, wrong: Wrong): Partial<Record<string, string>> => {
  const prices: Partial<Record<string, string>> = {}
  for (const name of PRICES) {
    const ref = value(name)
    if (ref === undefined) continue
    if (!/^price_\w+$/.test(ref)) wrong(name, 'must be the id of a price (price_…)', 'price_…')
    prices[name.split('_').slice(2).join('_')] = ref
  }
  return prices
}

const listed = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

const readMamo = (value: Value, wrong: Wrong, address: Address): MamoSettings | null => {
  const apiKey = value('MAMO_API_KEY')
  const secrets = value('MAMO_WEBHOOK_SECRET')
  const apiBase = address('MAMO_API_BASE', ['http:', 'https:'], 'https://business.mamopay.com/manage_api/v1')
  if (apiKey === undefined) {
    if (secrets !== undefined) wrong('MAMO_API_KEY', 'is missing although MAMO_WEBHOOK_SECRET is set', 'sk-…')
    return null
  }
  if (!/^[!-~]{8,}$/.test(apiKey) || /^(sk|rk|pk|whsec)_/.test(apiKey))
    wrong('MAMO_API_KEY', 'must be the key of MamoPay’s dashboard (sk-…)', 'sk-…')
  const webhookSecrets = listed(secrets)
  if (webhookSecrets.length === 0)
    wrong(
      'MAMO_WEBHOOK_SECRET',
      'is missing: without it no payment can be believed',
      'the output of: openssl rand -hex 24',
    )
  // Longer ones MamoPay does not take.
  if (webhookSecrets.some((part) => !/^[!-~]{8,50}$/.test(part)))
    wrong(
      'MAMO_WEBHOOK_SECRET',
      'must be one or two secrets of 8 to 50 characters without spaces, comma-separated',
      'the output of: openssl rand -hex 24',
    )
  return { apiKey, webhookSecrets, apiBase }
}

const readPictureStore = (value: Value, wrong: Wrong, address: Address): S3Settings | null => {
  const endpoint = address('PICTURES_S3_ENDPOINT', ['http:', 'https:'], 'https://s3.eu-central-1.example')
  const bucket = value('PICTURES_S3_BUCKET')
  const accessKeyId = value('PICTURES_S3_ACCESS_KEY_ID')
  const secretAccessKey = value('PICTURES_S3_SECRET_ACCESS_KEY')
  if (endpoint === null && bucket === undefined && accessKeyId === undefined && secretAccessKey === undefined)
    return null
  const needed = (name: string, text: string | null | undefined, example: string) => {
    if (text === undefined || text === null)
      wrong(
        name,
        'is missing: pictures are kept in a bucket only when its endpoint, name and key are all set',
        example,
      )
  }
  if (value('PICTURES_S3_ENDPOINT') === undefined)
    needed('PICTURES_S3_ENDPOINT', endpoint, 'https://s3.eu-central-1.example')
  needed('PICTURES_S3_BUCKET', bucket, 'offshoot-pictures')
  needed('PICTURES_S3_ACCESS_KEY_ID', accessKeyId, 'the id of a key that may read, write and delete there')
  needed('PICTURES_S3_SECRET_ACCESS_KEY', secretAccessKey, 'that key’s secret')
  if (bucket !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    wrong('PICTURES_S3_BUCKET', 'must be the name of a bucket', 'offshoot-pictures')
  return {
    endpoint: endpoint ?? '',
    bucket: bucket ?? '',
    region: value('PICTURES_S3_REGION') ?? 'us-east-1',
    accessKeyId: accessKeyId ?? '',
    secretAccessKey: secretAccessKey ?? '',
  }
}

const readAdmin = (production: boolean, value: Value, wrong: Wrong): Config['admin'] => {
  const email = value('ADMIN_EMAIL')
  const password = value('ADMIN_PASSWORD')
  if (email === undefined && password === undefined) return production ? null : DEMO_ADMIN
  if (email === undefined || !z.email().safeParse(email).success)
    wrong('ADMIN_EMAIL', 'must be an e-mail address', 'admin@offshoot.example')
  if (password === undefined || password.length < 8)
    wrong('ADMIN_PASSWORD', 'must have 8 characters or more', 'a long sentence of your own')
  return { email: (email ?? '').toLowerCase(), password: password ?? '' }
}
