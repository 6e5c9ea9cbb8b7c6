import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { Badge, Card, PageHeader } from '~/components/ui'
import { type DocumentedCall, documentedCalls } from '~/lib/api-docs.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('HTTP interface')

export const loader = ({ context }: LoaderFunctionArgs) => json(documentedCalls(context))

const ApiDocs = () => {
  const groups = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="HTTP interface"
        description={
          <>
            Everything the pages do, for programs. The same as a document for tools:{' '}
            <a href={paths.openApi()}>OpenAPI 3.1</a>.
          </>
        }
      />
      <Card title="In short">
        <ul className="plain">
          <li>Sign in with POST /api/auth/sign-in; the answer sets the session cookie.</li>
          <li>A request that changes something comes from this site’s own origin.</li>
          <li>Amounts are integers of the currency’s minor unit. Times are ISO 8601 in UTC.</li>
          <li>Lists answer items and nextCursor; send it back as cursor for what follows.</li>
          <li>A refusal has the right status and a code, a message and, for input, the issues.</li>
        </ul>
      </Card>
      {groups.map(({ group, calls }) => (
        <Card key={group} title={group}>
          <div className="calls">
            {calls.map((call) => (
              <Call key={call.id} call={call} />
            ))}
          </div>
        </Card>
      ))}
    </>
  )
}

export default ApiDocs

const Call = ({ call }: { readonly call: DocumentedCall }) => (
  <details id={call.id}>
    <summary>
      <code>
        {call.method} {call.path}
      </code>{' '}
      <span className="muted">{call.summary}</span>
    </summary>
    <div className="stack">
      <p>
        <Badge tone="neutral">{call.signedIn ? 'signed in' : 'anybody'}</Badge>
      </p>
      {call.parameters.length > 0 && (
        <p>
          Parameters:{' '}
          {call.parameters
            .map(({ name, in: where, required }) => `${name} (${where}${required ? '' : ', optional'})`)
            .join(', ')}
        </p>
      )}
      {call.body !== null && <Schema title="Body" text={call.body} />}
      <Schema title="Answer" text={call.answer} />
    </div>
  </details>
)

const Schema = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <section>
    <h3>{title}</h3>
    {/* Scrolls sideways on a phone, so it has to be reachable with the keyboard. */}
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region */}
    <pre className="schema" tabIndex={0}>
      {text}
    </pre>
  </section>
)
