// Who may import whom: the rules of the architecture, see docs/development.md. scripts/check-boundaries.mjs runs them.

/** Each domain may call only those before it. */
export const DOMAINS = [
  'audit',
  'program',
  'identity',
  'balance',
  'picture',
  'workspace',
  'marketplace',
  'affiliate',
  'payment',
  'payout',
  'reporting',
]

/** Called by jobs, routers and the HTTP layer only; they may call all domains above. */
export const OUTER_DOMAINS = ['notification', 'webhook', 'endpoint']

const TEST = '\\.test\\.tsx?$'
/** Tests and what helps them; they may reach across to set a scene. */
const TESTING = [TEST, '^(app|db)/testing/']

/** A package by name, installed or not. */
const packages = (names) => `(^|/)node_modules/(${names})/|^(${names})(/|$)`

/** What a schemas.ts may lead to, however far: it runs in the browser too. */
export const BROWSER_SAFE =
  /^server\/domain\/|^server\/kit\/(money|plans|pages|periods|errors|closed-accounts|notification-kinds)\.ts$|(^|\/)node_modules\/zod\/|^zod($|\/)/

const values = { dependencyTypesNot: ['type-only'] }

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

const byDomain = DOMAINS.flatMap((domain, place) => {
  const later = [...DOMAINS.slice(place + 1), ...OUTER_DOMAINS]
  return [
    rule(
      `order-${domain}`,
      `${domain} may call only the domains before it`,
      { path: `^server/domain/${domain}/`, pathNot: TEST },
      { path: `^server/domain/(${later.join('|')})/` },
    ),
  ]
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule('no-cycles', 'Nothing depends on itself, however far round', {}, { circular: true }),
    rule(
      'resolvable',
      'An import that leads nowhere is a hole in these checks',
      {},
      { couldNotResolve: true, path: '^(\\.|~/)', pathNot: '\\?(url|raw)$' },
    ),

    rule(
      'app-values',
      'The pages import no value of the server or the database but the schemas of a domain',
      { path: '^app/', pathNot: ['\\.server\\.tsx?$', ...TESTING] },
      { path: '^(server|db)/', pathNot: '^server/domain/[^/]+/schemas\\.ts$', ...values },
    ),
    rule(
      'app-server-doors',
      'app/**/*.server.ts reaches the tRPC routers, the kit, the load context and schemas',
      { path: '^app/.+\\.server\\.tsx?$' },
      {
        path: '^(server|db)/',
        pathNot: [
          '^server/trpc\\.ts$',
          '^server/(routers|kit)/',
          // The load context, how bodies are limited, and the handlers of resource routes.
          '^server/http/(load-context|mailbox|openapi|read-json|webhook)\\.ts$',
          '^server/domain/[^/]+/schemas\\.ts$',
        ],
        ...values,
      },
    ),
    rule(
      'app-no-server-package',
      'What runs in a browser too imports nothing that only a server has',
      { path: '^app/', pathNot: ['\\.server\\.tsx?$', ...TESTING] },
      {
        path: `${packages('drizzle-orm|postgres|@node-rs/argon2|lucia|stripe|nodemailer|pino|hono|@hono/node-server')}|^node:`,
        ...values,
      },
    ),
    rule(
      'app-no-node',
      'What runs in a browser too imports nothing of Node',
      { path: '^app/', pathNot: ['\\.server\\.tsx?$', ...TESTING] },
      { dependencyTypes: ['core'], ...values },
    ),

    rule(
      'routers-no-sql',
      'A router knows neither SQL nor tables',
      { path: '^server/routers/', pathNot: TEST },
      { path: `^db/|${packages('drizzle-orm|postgres')}` },
    ),
    rule(
      'domain-no-frameworks',
      'A domain knows neither tRPC nor Remix nor React nor HTTP',
      { path: '^server/domain/', pathNot: TEST },
      {
        path: packages(
          '@trpc/[^/]+|@remix-run/[^/]+|react|react-dom|react-router|react-router-dom|hono|@hono/node-server',
        ),
      },
    ),
    rule(
      'domain-no-outside',
      'A domain knows neither what calls it nor the vendors behind its ports',
      { path: '^server/domain/', pathNot: TEST },
      { path: '^(app/|server/(trpc\\.ts|main\\.ts|(routers|http|jobs|providers)/))' },
    ),
    rule(
      'domain-by-its-door',
      'A domain reaches another through its index.ts (its schemas: through schemas.ts)',
      { path: '^server/domain/([^/]+)/.+' },
      {
        path: '^server/domain/',
        pathNot: ['^server/domain/$1/', '^server/domain/[^/]+/(index|schemas)\\.ts$'],
      },
    ),
    rule(
      'domain-by-its-door-outside',
      'Anyone else reaches a domain through its index.ts or schemas.ts',
      { path: '^(server|db|bench)/', pathNot: ['^server/domain/', TEST] },
      { path: '^server/domain/', pathNot: '^server/domain/[^/]+/(index|schemas)\\.ts$' },
    ),
    ...byDomain,
    rule(
      'outer-domains',
      'Notifications and webhooks are reached by jobs, routers and HTTP only',
      {
        path: '^server/(domain|kit|providers)/',
        pathNot: [`^server/domain/(${OUTER_DOMAINS.join('|')})/`, TEST],
      },
      { path: `^server/domain/(${OUTER_DOMAINS.join('|')})/` },
    ),
    rule(
      'outer-domains-apart',
      'Notifications and webhooks do not know each other',
      { path: `^server/domain/(${OUTER_DOMAINS.join('|')})/`, pathNot: TEST },
      { path: `^server/domain/(${OUTER_DOMAINS.join('|')})/`, pathNot: '^server/domain/$1/' },
    ),

    rule(
      'vendor-stripe',
      "Stripe's package belongs to server/providers/stripe",
      { path: '^(app|server|db)/', pathNot: '^server/providers/stripe/' },
      { path: packages('stripe') },
    ),
    rule(
      'vendor-mail',
      'The mail package belongs to server/providers/mail',
      { path: '^(app|server|db)/', pathNot: '^server/providers/mail/' },
      { path: packages('nodemailer|@types/nodemailer') },
    ),
    rule(
      'mail-server-in-tests',
      'The mail server is the far end of a test',
      { path: '^(app|server|db)/', pathNot: TESTING },
      { path: packages('smtp-server|@types/smtp-server') },
    ),
    rule(
      'vendor-pictures',
      'Decoding pictures and signing for their store belong to server/providers/pictures',
      { path: '^(app|server|db)/', pathNot: ['^server/providers/pictures/', ...TESTING] },
      { path: packages('sharp|aws4fetch') },
    ),
    rule(
      'lucia-in-sessions',
      'Lucia is deprecated: one file knows it, so that one file replaces it',
      { path: '^(app|server|db)/', pathNot: '^server/domain/identity/sessions\\.ts$' },
      { path: packages('lucia|@lucia-auth/[^/]+') },
    ),
    rule(
      'db-imports-nothing',
      'The database knows nothing of what uses it, but for seed and testing',
      { path: '^db/', pathNot: ['^db/(seed|testing)/', TEST] },
      { path: '^(app|server|e2e|bench)/' },
    ),
    rule(
      'no-test-code',
      'What serves imports nothing that is there for tests',
      { path: '^(app|server|db|bench)/', pathNot: [...TESTING, '^bench/'] },
      { path: TESTING },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // Relative to the folder the check runs in.
    exclude: { path: '^(build|coverage|\\.data)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
