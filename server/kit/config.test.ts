import { describe, expect, it } from 'vitest'
import { ConfigError, type Environment, readConfig } from './config'

const secret = 'a-secret-of-at-least-thirty-two-bytes'
const read = (env: Environment) => readConfig({ APP_SECRET: secret, ...env }, () => 'made')
const problems = (env: Environment): string => {
  try {
    read(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

describe('the settings', () => {
  it('are complete without any: embedded database, demo, sandbox, mailbox, a secret that is made', () => {
    const config = readConfig({}, (folder) => `made in ${folder}`)
    expect(config).toMatchObject({
      production: false,
      port: 3000,
      host: '127.0.0.1',
      appUrl: 'http://localhost:3000',
      databaseUrl: null,
      dataDir: '.data',
      appSecret: 'made in .data',
      linkSecret: 'made in .data',
      seed: 'demo',
      stripe: null,
      sandbox: true,
      affiliateCommission: 2000,
      referralCommission: 1500,
      commissionHoldDays: 0,
      minWithdrawal: 50,
      commissionBatchSize: 100,
      smtpUrl: null,
      trustProxy: 0,
    })
    expect(config.admin?.email).toContain('@')
  })
  it('take older names, drop trailing slashes and empty values', () => {
    expect(read({ FRONTEND_URL: 'https://old.example/' }).appUrl).toBe('https://old.example')
    expect(read({ FRONTEND_URL: 'https://old.example', APP_URL: 'https://new.example' }).appUrl).toBe(
      'https://new.example',
    )
    expect(read({ JWT_SECRET: 'another-secret-of-thirty-two-bytes!!' }).linkSecret).toContain('another')
    expect(read({ PORT: ' ', SMTP_URL: '' })).toMatchObject({ port: 3000, smtpUrl: null })
  })
  it('leave a given database unseeded', () => {
    expect(read({ DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/d' }).seed).toBe('none')
  })
  it('take an address for the migrations only beside the one to work with', () => {
    const owner = 'postgres://o:p@127.0.0.1:5432/d'
    expect(
      read({ DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/d', DATABASE_MIGRATION_URL: owner })
        .databaseMigrationUrl,
    ).toBe(owner)
    expect(problems({ DATABASE_MIGRATION_URL: owner })).toContain('DATABASE_URL is missing')
    const pooled = { DATABASE_URL: 'postgres://u:p@127.0.0.1:6432/d', DATABASE_POOLER: 'transaction' }
    expect(read({ ...pooled, DATABASE_MIGRATION_URL: owner }).databasePooled).toBe(true)
    expect(problems(pooled)).toContain('DATABASE_MIGRATION_URL is missing')
    expect(problems({ DATABASE_POOLER: 'session' })).toContain('DATABASE_POOLER must be')
    expect(problems({ DATABASE_MIGRATION_URL: 'mysql://x' })).toContain('DATABASE_MIGRATION_URL must be')
  })
  it('use MamoPay when it alone has keys, with two secrets while rotating, and no sandbox then', () => {
    const config = read({
      MAMO_API_KEY: 'sk-12345678',
      MAMO_WEBHOOK_SECRET: 'one-secret, two-secret',
      MAMO_API_BASE: 'https://sandbox.dev.business.mamopay.com/manage_api/v1/',
    })
    expect(config).toMatchObject({
      sandbox: false,
      stripe: null,
      mamo: {
        apiKey: 'sk-12345678',
        webhookSecrets: ['one-secret', 'two-secret'],
        apiBase: 'https://sandbox.dev.business.mamopay.com/manage_api/v1',
      },
    })
  })
  it('use Stripe when it has keys, with two webhook secrets while rotating, and no sandbox then', () => {
    const config = read({
      STRIPE_SECRET_KEY: 'sk_test_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_a, whsec_b',
      STRIPE_PRICE_AGENCY_YEARLY: 'price_1',
    })
    expect(config.sandbox).toBe(false)
    expect(config.stripe).toEqual({
      secretKey: 'sk_test_1',
      webhookSecrets: ['whsec_a', 'whsec_b'],
      apiBase: null,
      planPrices: { AGENCY_YEARLY: 'price_1' },
    })
  })
  it.each<[string, Environment]>([
    [
      'STRIPE_PRICE_BUSINESS_MONTHLY',
      {
        STRIPE_SECRET_KEY: 'sk_test_1',
        STRIPE_WEBHOOK_SECRET: 'whsec_a',
        STRIPE_PRICE_BUSINESS_MONTHLY: 'prod_1',
      },
    ],
    ['PORT', { PORT: '70000' }],
    ['PORT', { PORT: '3000x' }],
    ['PORT', { PORT: '-1' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://x' }],
    ['DATABASE_URL', { DATABASE_URL: 'nonsense' }],
    ['APP_URL', { APP_URL: 'ftp://x' }],
    ['APP_SECRET', { APP_SECRET: 'short' }],
    ['JWT_SECRET', { JWT_SECRET: 'short' }],
    ['AFFILIATE_COMMISSION_PERCENTAGE', { AFFILIATE_COMMISSION_PERCENTAGE: '100.01' }],
    ['AFFILIATE_COMMISSION_PERCENTAGE', { AFFILIATE_COMMISSION_PERCENTAGE: '12.345' }],
    ['REFERRAL_COMMISSION_PERCENTAGE', { REFERRAL_COMMISSION_PERCENTAGE: '-1' }],
    ['100 %', { AFFILIATE_COMMISSION_PERCENTAGE: '90', REFERRAL_COMMISSION_PERCENTAGE: '10.01' }],
    ['SEED', { SEED: 'everything' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['SMTP_URL', { SMTP_URL: 'http://mail' }],
    ['ADMIN_EMAIL', { ADMIN_PASSWORD: 'long enough' }],
    ['ADMIN_PASSWORD', { ADMIN_EMAIL: 'a@b.example', ADMIN_PASSWORD: 'short' }],
    ['STRIPE_SECRET_KEY', { STRIPE_SECRET_KEY: 'pk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' }],
    ['STRIPE_SECRET_KEY', { STRIPE_WEBHOOK_SECRET: 'whsec_1' }],
    ['STRIPE_WEBHOOK_SECRET', { STRIPE_SECRET_KEY: 'sk_test_1' }],
    ['STRIPE_WEBHOOK_SECRET', { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'secret' }],
    ['SANDBOX', { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1', SANDBOX: '1' }],
    ['MAMO_API_KEY', { MAMO_WEBHOOK_SECRET: 'a-secret-of-mamo' }],
    ['MAMO_API_KEY', { MAMO_API_KEY: 'sk_test_1234567', MAMO_WEBHOOK_SECRET: 'a-secret-of-mamo' }],
    ['MAMO_API_KEY', { MAMO_API_KEY: 'sk-1 2 3 4 5 6', MAMO_WEBHOOK_SECRET: 'a-secret-of-mamo' }],
    ['MAMO_WEBHOOK_SECRET', { MAMO_API_KEY: 'sk-12345678' }],
    ['MAMO_WEBHOOK_SECRET', { MAMO_API_KEY: 'sk-12345678', MAMO_WEBHOOK_SECRET: ' , ' }],
    ['MAMO_WEBHOOK_SECRET', { MAMO_API_KEY: 'sk-12345678', MAMO_WEBHOOK_SECRET: 'x'.repeat(51) }],
    [
      'MAMO_API_BASE',
      { MAMO_API_KEY: 'sk-12345678', MAMO_WEBHOOK_SECRET: 'a-secret-of-mamo', MAMO_API_BASE: 'mamo' },
    ],
    ['SANDBOX', { SANDBOX: '1', MAMO_API_KEY: 'sk-12345678', MAMO_WEBHOOK_SECRET: 'a-secret-of-mamo' }],
    ['COMMISSION_HOLD_DAYS', { COMMISSION_HOLD_DAYS: '1.5' }],
    ['RATE_LIMIT_SIGN_IN', { RATE_LIMIT_SIGN_IN: '0' }],
  ])('name %s when it is wrong, with an example', (name, env) => {
    expect(problems(env)).toContain(name)
    expect(problems(env)).toContain('Example:')
  })
  it('name every problem at once', () => {
    const text = problems({ PORT: 'x', SEED: 'y', APP_SECRET: 'z' })
    for (const name of ['PORT', 'SEED', 'APP_SECRET']) expect(text).toContain(name)
  })
  describe('in production', () => {
    const production = {
      NODE_ENV: 'production',
      STRIPE_SECRET_KEY: 'sk_live_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
    }
    it('want a secret, and make neither one nor an admin', () => {
      expect(() => readConfig(production, () => 'made')).toThrow(/APP_SECRET is missing/)
      expect(read(production)).toMatchObject({ production: true, admin: null })
    })
    it('start the sandbox only when told so in words', () => {
      expect(problems({ NODE_ENV: 'production' })).toContain('SANDBOX=1')
      expect(read({ NODE_ENV: 'production', SANDBOX: '1' }).sandbox).toBe(true)
    })
  })
})

describe('the store of pictures', () => {
  const S3 = {
    PICTURES_S3_ENDPOINT: 'https://s3.example/',
    PICTURES_S3_BUCKET: 'our-pictures',
    PICTURES_S3_ACCESS_KEY_ID: 'id',
    PICTURES_S3_SECRET_ACCESS_KEY: 'secret',
  }
  it('is the data folder unless a bucket is given whole', () => {
    expect(read({}).pictureStore).toBeNull()
    expect(read(S3).pictureStore).toEqual({
      endpoint: 'https://s3.example',
      bucket: 'our-pictures',
      region: 'us-east-1',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
    })
    for (const name of Object.keys(S3))
      expect(problems({ ...S3, [name]: '' })).toContain(`${name} is missing`)
    expect(problems({ ...S3, PICTURES_S3_BUCKET: 'No Bucket' })).toContain('must be the name of a bucket')
  })
})
