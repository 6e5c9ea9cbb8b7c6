import { z } from 'zod'
import { plainProcedures } from './plain'

/** The OpenAPI 3.1 document of the plain HTTP interface, made of the procedures' own schemas. */
export const openApiDocument = (appUrl: string): Record<string, unknown> => {
  const paths: Record<string, Record<string, unknown>> = {}
  const shared: Record<string, JsonSchema> = {}
  for (const { name, procedure, http, guard } of plainProcedures()) {
    const def = procedure._def as unknown as { inputs: z.ZodType[]; output?: z.ZodType }
    const schemaOf = (schema: z.ZodType, io: 'input' | 'output') =>
      hoisted(jsonSchema(schema, io), `${name.replaceAll('.', '_')}_${io}`, shared)
    const input = def.inputs[0] === undefined ? undefined : schemaOf(def.inputs[0], 'input')
    const operation = {
      operationId: name.replaceAll('.', '_'),
      tags: [name.split('.')[0]],
      summary: http.summary,
      security: guard === 'visitor' ? [{}, { session: [] }, { key: [] }] : [{ session: [] }, { key: [] }],
      ...parametersAndBody(http, input),
      responses: {
        200: {
          description: 'Done.',
          content: { 'application/json': { schema: def.output ? schemaOf(def.output, 'output') : {} } },
        },
        default: { $ref: '#/components/responses/Failure' },
      },
    }
    paths[http.path] = { ...paths[http.path], [http.method.toLowerCase()]: operation }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Offshoot',
      version: '1',
      description:
        'Amounts are integers of the currency’s minor unit. Times are ISO 8601 in UTC. Lists are pages with a cursor.',
    },
    servers: [{ url: appUrl }],
    paths: { ...paths, ...BESIDE },
    components: {
      schemas: shared,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'session' },
        key: { type: 'http', scheme: 'bearer', description: 'An API key, from POST /api/auth/api-keys.' },
      },
      responses: {
        Failure: {
          description: 'Refused; the code says why.',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['code', 'message'],
                properties: {
                  code: { type: 'string' },
                  message: { type: 'string' },
                  issues: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: { path: { type: 'array', items: {} }, message: { type: 'string' } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  }
}

interface JsonSchema {
  type?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  [member: string]: unknown
}

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
  return rest
}

/** What a schema defines for itself moves to the document's components: a reference starts at the document's root. */
const hoisted = (
  { $defs, ...schema }: JsonSchema,
  prefix: string,
  shared: Record<string, JsonSchema>,
): JsonSchema => {
  if ($defs === undefined) return schema
  const rename = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replaceAll('"$ref":"#/$defs/', `"$ref":"#/components/schemas/${prefix}_`),
    ) as T
  for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>))
    shared[`${prefix}_${name}`] = rename(definition)
  return rename(schema)
}

/** A month of one's balance in one of its forms. */
function statement(operationId: string, summary: string, mediaType: string) {
  return {
    get: {
      operationId,
      tags: ['balance'],
      summary,
      security: [{ session: [] }, { key: [] }],
      parameters: [
        { name: 'currency', in: 'query', required: true, schema: { type: 'string', example: 'USD' } },
        { name: 'month', in: 'query', required: true, schema: { type: 'string', example: '2026-11' } },
        {
          name: 'timezone',
          in: 'query',
          required: false,
          schema: { type: 'string', default: 'UTC', example: 'Europe/Berlin' },
        },
      ],
      responses: {
        200: { description: 'Done.', content: { [mediaType]: { schema: { type: 'string' } } } },
        default: { $ref: '#/components/responses/Failure' },
      },
    },
  }
}

/** The addresses whose answer is not JSON are served beside the procedures. */
const BESIDE = {
  '/api/auth/verify-email': {
    get: {
      operationId: 'auth_verifyEmail',
      tags: ['auth'],
      summary: 'Verify an address through the mailed link, then go to sign-in',
      security: [{}],
      parameters: [{ name: 'token', in: 'query', required: true, schema: { type: 'string' } }],
      responses: { 302: { description: 'To sign-in, whether or not the link was still good.' } },
    },
  },
  '/api/balance/transactions.csv': {
    get: {
      operationId: 'balance_transactionsCsv',
      tags: ['balance'],
      summary: 'Your statement as CSV',
      security: [{ session: [] }, { key: [] }],
      parameters: ['type', 'currency', 'from', 'to', 'timezone'].map((name) => ({
        name,
        in: 'query',
        required: false,
        schema: { type: 'string' },
      })),
      responses: {
        200: { description: 'Done.', content: { 'text/csv': { schema: { type: 'string' } } } },
        default: { $ref: '#/components/responses/Failure' },
      },
    },
  },
  '/api/balance/statements.json': statement(
    'balance_statement',
    'A month, signed (Ed25519)',
    'application/json',
  ),
  '/api/balance/statements.pdf': statement('balance_statementPdf', 'A month as PDF', 'application/pdf'),
  '/api/balance/statements.csv': statement('balance_statementCsv', 'A month as CSV', 'text/csv'),
  '/.well-known/offshoot-statement-keys.json': {
    get: {
      operationId: 'balance_statementKeys',
      tags: ['balance'],
      summary: 'The public keys that statements are signed with, as a JWK set',
      security: [{}],
      responses: {
        200: {
          description: 'Done.',
          content: { 'application/jwk-set+json': { schema: { type: 'object' } } },
        },
      },
    },
  },
  '/api/admin/tax-summary.csv': {
    get: {
      operationId: 'payout_taxSummary',
      tags: ['payout'],
      summary: 'What each payee was paid in a year, with the columns of a 1099-NEC, as CSV',
      security: [{ session: [] }, { key: [] }],
      parameters: [{ name: 'year', in: 'query', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'Done.', content: { 'text/csv': { schema: { type: 'string' } } } },
        default: { $ref: '#/components/responses/Failure' },
      },
    },
  },
  '/api/admin/payout-documents/{id}': {
    get: {
      operationId: 'payout_readDocument',
      tags: ['payout'],
      summary: 'A document of somebody’s payout details, as a file',
      security: [{ session: [] }, { key: [] }],
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'Done.', content: { 'application/octet-stream': {} } },
        default: { $ref: '#/components/responses/Failure' },
      },
    },
  },
  '/api/admin/withdrawals/batches/{id}.csv': {
    get: {
      operationId: 'payout_batchCsv',
      tags: ['payout'],
      summary: 'A batch as CSV, with payout details in clear of what is still to be paid',
      security: [{ session: [] }, { key: [] }],
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'Done.', content: { 'text/csv': { schema: { type: 'string' } } } },
        default: { $ref: '#/components/responses/Failure' },
      },
    },
  },
  '/api/admin/withdrawals.csv': {
    get: {
      operationId: 'payout_exportCsv',
      tags: ['payout'],
      summary: 'Withdrawals in one state as CSV, with their payout details masked',
      security: [{ session: [] }, { key: [] }],
      parameters: [{ name: 'status', in: 'query', required: false, schema: { type: 'string' } }],
      responses: {
        200: { description: 'Done.', content: { 'text/csv': { schema: { type: 'string' } } } },
        default: { $ref: '#/components/responses/Failure' },
      },
    },
  },
}

const parametersAndBody = (http: { method: string; path: string }, input: JsonSchema | undefined) => {
  const inPath = [...http.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  const properties = input?.properties ?? {}
  const required = new Set(input?.required ?? [])
  const parameters = inPath.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: properties[name] ?? { type: 'string' },
  }))
  const rest = Object.keys(properties).filter((name) => !inPath.includes(name))
  if (http.method === 'GET' || http.method === 'DELETE')
    return {
      parameters: [
        ...parameters,
        ...rest.map((name) => ({
          name,
          in: 'query',
          required: required.has(name),
          schema: properties[name],
        })),
      ],
    }
  if (input === undefined || (input.type === 'object' && rest.length === 0)) return { parameters }
  const body =
    inPath.length === 0
      ? input
      : {
          ...input,
          properties: Object.fromEntries(rest.map((name) => [name, properties[name]])),
          required: [...required].filter((name) => !inPath.includes(name)),
        }
  return { parameters, requestBody: { required: true, content: { 'application/json': { schema: body } } } }
}
