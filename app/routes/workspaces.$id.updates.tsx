import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  Confirm,
  EmptyState,
  FormErrors,
  PageHeader,
  Time,
} from '~/components/ui'
import { choicesOf, chosenIn } from '~/features/workspace/update-choices'
import { Outcome, UpdateItem } from '~/features/workspace/update-parts'
import stylesheet from '~/features/workspace/workspace.css?url'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]
export const meta: MetaFunction<typeof loader> = ({ data }) =>
  pageTitle(`Updates of ${data?.view.workspace.name ?? 'a workspace'}`)

/** The choices stand in the address: each look at the outcome is a page of its own, and nothing is written by it. */
export const loader = async (args: LoaderFunctionArgs) => {
  const workspaceId = args.params.id ?? ''
  const choices = chosenIn(new URL(args.request.url).searchParams)
  return json({ view: await load(args, (api) => api.workspace.readUpdate({ workspaceId, choices })) })
}

export const action = async (args: ActionFunctionArgs) => {
  const { request, context, params } = args
  const workspaceId = params.id ?? ''
  const form = new URLSearchParams(await request.text())
  await load(args, (api) => api.workspace.get({ id: workspaceId }))
  const undo = form.get('intent') === 'undo'
  try {
    if (undo) await apiOf(context).workspace.undoUpdate({ workspaceId })
    else
      await apiOf(context).workspace.takeUpdate({
        workspaceId,
        seen: form.get('seen') ?? '',
        choices: chosenIn(form),
      })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.updates(workspaceId), undo ? 'update-undone' : 'update-taken'))
}

const Updates = () => {
  const { view } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { workspace, release, update } = view
  return (
    <>
      <PageHeader
        title="Updates"
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
        ]}
        description="What the seller made new since you got your copy. Nothing changes without your click."
      />
      <FormErrors failure={failure} labels={{}} />
      {view.undo !== null && <Undo />}
      {release === null || update === null ? <Nothing /> : <Take key={update.seen} />}
    </>
  )
}

export default Updates

const Nothing = () => {
  const { view } = useLoaderData<typeof loader>()
  return (
    <Card title={view.isCopy ? 'You are up to date' : 'This is no copy'}>
      <EmptyState
        title={view.isCopy ? 'Nothing new' : 'Nothing to take'}
        action={<ButtonLink to={paths.workspace(view.workspace.id)}>Open the workspace</ButtonLink>}
      >
        {view.isCopy
          ? `${view.taken === null ? 'There is no release yet.' : `Your copy is of “${view.taken.label}”, the latest release.`} When there is a new one you get a mail.`
          : 'Updates come to copies you bought. What you make yourself has none.'}
      </EmptyState>
    </Card>
  )
}

const Undo = () => {
  const { view } = useLoaderData<typeof loader>()
  if (view.undo === null) return null
  return (
    <Card
      title={`You took “${view.undo.label}”`}
      description={
        <>
          On <Time value={view.undo.takenAt} withTime />. You can undo it until you edit something it changed
          or build on what it brought.
        </>
      }
    >
      <Confirm
        label="Undo…"
        question={
          <p>Your copy becomes what it was before, to the byte. What you edited elsewhere since stays.</p>
        }
      >
        <Form method="post">
          <input type="hidden" name="intent" value="undo" />
          <Button variant="danger">Undo the update</Button>
        </Form>
      </Confirm>
    </Card>
  )
}

const Take = () => {
  const { view } = useLoaderData<typeof loader>()
  const { release, update, since, seller, workspace } = view
  if (release === null || update === null) return null
  return (
    <>
      <Card
        title={`“${release.label}” is new`}
        description={
          <>
            Released by {seller || 'the seller'} on <Time value={release.createdAt} />.
          </>
        }
      >
        {since.some(({ notes }) => notes !== '') ? (
          <ul className="stack">
            {since.map(({ id, label, notes }) => (
              <li key={id}>
                <strong>{label}</strong>
                {notes !== '' && <p className="pre-line">{notes}</p>}
              </li>
            ))}
          </ul>
        ) : (
          <p className="muted">The seller wrote no notes.</p>
        )}
      </Card>
      {workspace.frozen && (
        <Alert tone="warning" title="This copy is frozen">
          You can look at what is new, and take it once the copy may be edited again.
        </Alert>
      )}
      <Form method="get" className="stack">
        <input type="hidden" name="seen" value={update.seen} />
        <Card
          title="What the seller changed"
          description="What you never touched moves forward. Where you changed the same, yours stays unless you choose otherwise. Nothing goes online or offline by it: your funnels keep their status, and new ones come as drafts."
        >
          {update.items.length === 0 ? (
            <p className="muted">Nothing that your copy does not have already.</p>
          ) : (
            <ul className="updates">
              {update.items.map((item) => (
                <UpdateItem key={item.key} item={item} />
              ))}
            </ul>
          )}
          <div className="actions">
            <Button name="look" value="1">
              See what it would become
            </Button>
          </div>
        </Card>
      </Form>
      <Card
        title="What taking it does"
        description="By the choices above, as you last looked. It is done all at once or not at all, and can be undone."
      >
        <div className="stack">
          <Outcome lines={update.outcome} />
          {!workspace.frozen && (
            <Form method="post">
              <input type="hidden" name="seen" value={update.seen} />
              {choicesOf(update.items).map(([key, choice]) => (
                <input key={key} type="hidden" name={`choice ${key}`} value={choice} />
              ))}
              <Button variant="primary">Take “{release.label}”</Button>
            </Form>
          )}
        </div>
      </Card>
    </>
  )
}
