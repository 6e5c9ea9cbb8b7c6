import type { AppLoadContext } from '@remix-run/node'
import { openApiDocument } from '../../server/http/openapi'

export interface DocumentedCall {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly signedIn: boolean
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  /** JSON schemas, indented; null: none. */
  readonly body: string | null
  readonly answer: string
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security: readonly object[]
  readonly parameters?: DocumentedCall['parameters']
  readonly requestBody?: { readonly content: Record<string, { readonly schema: unknown }> }
  readonly responses: { readonly 200?: { readonly content: Record<string, { readonly schema: unknown }> } }
}

/** The calls of the plain HTTP interface by their first word, read from the document that clients read. */
export const documentedCalls = ({ api }: AppLoadContext): { group: string; calls: DocumentedCall[] }[] => {
  const { paths } = openApiDocument(api.config.appUrl) as { paths: Record<string, Record<string, Operation>> }
  const groups = new Map<string, DocumentedCall[]>()
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const group = path.split('/')[2] ?? ''
      const calls = groups.get(group) ?? []
      groups.set(group, [...calls, describe(path, method, operation)])
    }
  return [...groups]
    .map(([group, calls]) => ({ group, calls }))
    .sort((a, b) => a.group.localeCompare(b.group))
}

const describe = (path: string, method: string, operation: Operation): DocumentedCall => ({
  id: operation.operationId,
  method: method.toUpperCase(),
  path,
  summary: operation.summary,
  signedIn: operation.security.every((way) => Object.keys(way).length > 0),
  parameters: (operation.parameters ?? []).map(({ name, in: where, required }) => ({
    name,
    in: where,
    required,
  })),
  body: schemaText(operation.requestBody?.content),
  answer: schemaText(operation.responses[200]?.content) ?? '',
})

const schemaText = (content: Record<string, { readonly schema: unknown }> | undefined): string | null => {
  const schema = content?.['application/json']?.schema
  return schema === undefined ? null : JSON.stringify(schema, null, 2)
}
