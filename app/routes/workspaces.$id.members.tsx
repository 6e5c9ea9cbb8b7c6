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
  Badge,
  Button,
  Card,
  Confirm,
  CopyField,
  FormErrors,
  InputField,
  PageHeader,
  SelectField,
  Time,
} from '~/components/ui'
import { PERMISSION_LIST, PERMISSION_NAMES, permissionWords, ROLE_NAMES } from '~/features/workspace/roles'
import { LimitNote } from '~/features/workspace/usage-note'
import stylesheet from '~/features/workspace/workspace.css?url'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { MembersView } from '../../server/domain/workspace/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Members')
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const loader = async (args: LoaderFunctionArgs) =>
  json({ view: await load(args, (api) => api.members.list({ id: args.params.id ?? '' })) })

/** What the forms of this page do; each is one call. What was sent is for the schemas to judge. */
export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const id = params.id ?? ''
  const form = await request.formData()
  const typed = textFields(form, ['intent', 'email', 'role', 'maxUses', 'userId', 'invitationId', 'linkId'])
  const role = typed.role as 'VIEWER'
  const permissions = form.getAll('permission') as MembersView['permissions']
  const api = apiOf(context).members
  // Of somebody else, or gone: the page for that, not a message in a form.
  await load({ request, context }, (asked) => asked.members.list({ id }))
  try {
    switch (typed.intent) {
      case 'invite':
        await api.invite({ id, email: typed.email, role })
        break
      case 'revoke':
        await api.revokeInvitation({ id, invitationId: typed.invitationId })
        break
      case 'link':
        await api.makeLink({ id, role, maxUses: Number(typed.maxUses) })
        break
      case 'revoke-link':
        await api.revokeLink({ id, linkId: typed.linkId })
        break
      case 'change':
        await api.change({ id, userId: typed.userId, role })
        break
      case 'permit':
        await api.change({ id, userId: typed.userId, permissions })
        break
      case 'remove':
        await api.remove({ id, userId: typed.userId })
        break
      case 'role':
        await api.setRole({ id, role, permissions })
        break
      case 'offer':
        await api.offerOwnership({ id, userId: typed.userId })
        break
      case 'leave':
        await api.leave({ id })
        return redirect(withNotice(paths.workspaces(), 'workspace-left'))
      default:
        throw new Response('That cannot be done.', { status: 400 })
    }
    return redirect(withNotice(paths.members(id), NOTICES[typed.intent]))
  } catch (error) {
    if (error instanceof Response) throw error
    return formFailure(error, request, typed)
  }
}

const NOTICES = {
  invite: 'member-invited',
  revoke: 'invitation-revoked',
  link: 'invite-link-made',
  'revoke-link': 'invite-link-revoked',
  change: 'member-changed',
  permit: 'member-changed',
  remove: 'member-removed',
  role: 'role-changed',
  offer: 'ownership-offered',
} as const

const Members = () => {
  const { view } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { workspace, usage, manages, role } = view
  return (
    <>
      <PageHeader
        title="Members"
        breadcrumb={[
          { label: 'Workspaces', to: paths.workspaces() },
          { label: workspace.name, to: paths.workspace(workspace.id) },
        ]}
        description="Who works in this workspace, and what they may. Copies that are sold have none of it."
      />
      <FormErrors
        failure={failure}
        labels={{ email: 'E-mail', role: 'Role', maxUses: 'How many may join' }}
      />
      {role === 'OWNER' && <LimitNote usage={usage} />}
      <Card title="Members">
        <ul className="people">
          {view.members.map((member) => (
            <MemberLine key={member.userId} member={member} view={view} />
          ))}
        </ul>
      </Card>
      {manages && <Invite view={view} failure={failure} />}
      {manages && <InviteLinks view={view} failure={failure} />}
      <Roles view={view} />
      {role !== 'OWNER' && (
        <Card title="Leave this workspace">
          <Confirm
            label="Leave…"
            question={<p>You see nothing of it any more. Whoever manages it can invite you again.</p>}
          >
            <Form method="post">
              <Button name="intent" value="leave" variant="danger">
                Leave the workspace
              </Button>
            </Form>
          </Confirm>
        </Card>
      )}
    </>
  )
}

export default Members

type View = MembersView
type Member = View['members'][number]

const MemberLine = ({ member, view }: { readonly member: Member; readonly view: View }) => {
  const { name, email, role, isMe, canChange, permissions, joinedAt } = member
  return (
    <li>
      <p className="person">
        <strong>{name}</strong> <Badge tone={role === 'OWNER' ? 'good' : 'neutral'}>{ROLE_NAMES[role]}</Badge>
        {isMe && <span className="muted"> you</span>}
      </p>
      {email !== null && <p className="muted">{email}</p>}
      <p className="muted">
        {permissionWords(permissions)}. Since <Time value={joinedAt} />.
      </p>
      {canChange && <ChangeMember member={member} view={view} />}
    </li>
  )
}

const ChangeMember = ({ member, view }: { readonly member: Member; readonly view: View }) => {
  const { userId, name } = member
  const Target = <input type="hidden" name="userId" value={userId} />
  return (
    <details>
      <summary>
        Change<span className="visually-hidden"> what {name} may</span>
      </summary>
      <div className="stack">
        <Form method="post" className="form">
          {Target}
          <SelectField
            id={`role-${userId}`}
            name="role"
            label={`Role of ${name}`}
            defaultValue={member.role}
            hint="They have what the role may; permissions of their own end."
          >
            <RoleOptions view={view} />
          </SelectField>
          <div className="actions">
            <Button name="intent" value="change">
              Give this role
            </Button>
          </div>
        </Form>
        <Form method="post" className="form">
          {Target}
          <Permissions
            legend={`What ${name} may, whatever the role says`}
            chosen={member.permissions}
            view={view}
          />
          <div className="actions">
            <Button name="intent" value="permit">
              Allow exactly this
            </Button>
          </div>
        </Form>
        {view.role === 'OWNER' && !view.workspace.isCopy && (
          <Confirm
            label={`Hand over to ${name}`}
            question={
              <p>
                They get a mail. When they accept, the workspace is theirs and counts against their plan; your
                links and listings sell it no more, the links to join hold no more, and you stay an admin of
                it.
              </p>
            }
          >
            <Form method="post">
              {Target}
              <Button name="intent" value="offer" variant="danger">
                Offer it to them
              </Button>
            </Form>
          </Confirm>
        )}
        <Confirm
          label={`Remove ${name}`}
          question={
            <p>
              They see nothing of it any more. What they made stays, but the links to join, and their
              invitations, hold no more.
            </p>
          }
        >
          <Form method="post">
            {Target}
            <Button name="intent" value="remove" variant="danger">
              Remove them
            </Button>
          </Form>
        </Confirm>
      </div>
    </details>
  )
}

const RoleOptions = ({ view }: { readonly view: View }) =>
  view.roles
    .filter(({ canGive }) => canGive)
    .map(({ role }) => (
      <option key={role} value={role}>
        {ROLE_NAMES[role]}
      </option>
    ))

const Permissions = ({
  legend,
  chosen,
  view,
}: {
  readonly legend: string
  readonly chosen: View['permissions']
  readonly view: View
}) => (
  <fieldset className="field">
    <legend>{legend}</legend>
    {PERMISSION_LIST.filter((name) => view.permissions.includes(name)).map((name) => (
      <label key={name} className="check">
        <input type="checkbox" name="permission" value={name} defaultChecked={chosen.includes(name)} />{' '}
        {PERMISSION_NAMES[name]}
      </label>
    ))}
  </fieldset>
)

interface FormCardProps {
  readonly view: View
  readonly failure: FormFailure | undefined
}

const Invite = ({ view, failure }: FormCardProps) => {
  const failed = failure?.values.intent === 'invite' ? failure : undefined
  return (
    <Card
      title="Invite somebody"
      description="They get a mail, also without an account. The invitation holds for seven days, and a seat is kept until then."
    >
      <div className="stack">
        <Form method="post" className="form">
          <div className="form-pair">
            <InputField
              name="email"
              label="E-mail"
              type="email"
              autoComplete="off"
              error={failed?.fieldErrors.email}
              defaultValue={failed?.values.email}
            />
            <SelectField name="role" label="Role" defaultValue={failed?.values.role ?? 'EDITOR'}>
              <RoleOptions view={view} />
            </SelectField>
          </div>
          <div className="actions">
            <Button name="intent" value="invite" variant="primary">
              Send the invitation
            </Button>
          </div>
        </Form>
        {view.invitations.length > 0 && (
          <ul className="people">
            {view.invitations.map(({ id, email, role, expiresAt }) => (
              <li key={id}>
                <p className="person">
                  <strong>{email}</strong>{' '}
                  <Badge tone="info">{role === 'OWNER' ? 'Offered to them' : ROLE_NAMES[role]}</Badge>
                  <span className="muted">
                    {' '}
                    not answered, until <Time value={expiresAt} />
                  </span>
                </p>
                <Form method="post">
                  <input type="hidden" name="invitationId" value={id} />
                  <Button name="intent" value="revoke">
                    Take it back<span className="visually-hidden">: {email}</span>
                  </Button>
                </Form>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  )
}

const InviteLinks = ({ view, failure }: FormCardProps) => {
  const failed = failure?.values.intent === 'link' ? failure : undefined
  return (
    <Card
      title="Links to join"
      description="Whoever has the address may join with its role, as many as you say, within thirty days. All links end when a member is removed or may do less, or when somebody who manages members leaves."
    >
      <div className="stack">
        <Form method="post" className="form">
          <div className="form-pair">
            <InputField
              name="maxUses"
              label="How many may join"
              inputMode="numeric"
              error={failed?.fieldErrors.maxUses}
              defaultValue={failed?.values.maxUses ?? '1'}
            />
            <SelectField
              id="link-role"
              name="role"
              label="Role they get"
              defaultValue={failed?.values.role ?? 'VIEWER'}
            >
              <RoleOptions view={view} />
            </SelectField>
          </div>
          <div className="actions">
            <Button name="intent" value="link">
              Make a link
            </Button>
          </div>
        </Form>
        {view.links.length > 0 && (
          <ul className="people">
            {view.links.map(({ id, role, url, uses, maxUses, expiresAt }) => (
              <li key={id}>
                <CopyField label={`${ROLE_NAMES[role]}, ${uses} of ${maxUses} joined`} value={url} />
                <p className="muted">
                  Until <Time value={expiresAt} />
                </p>
                <Form method="post">
                  <input type="hidden" name="linkId" value={id} />
                  <Button name="intent" value="revoke-link">
                    Revoke it
                  </Button>
                </Form>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  )
}

const Roles = ({ view }: { readonly view: View }) => (
  <Card title="What each role may" description="For all who have the role and nothing of their own.">
    <ul className="people">
      {view.roles.map(({ role, permissions, canGive }) => (
        <li key={role}>
          <p className="person">
            <strong>{ROLE_NAMES[role]}</strong>
          </p>
          <p className="muted">{permissionWords(permissions)}</p>
          {canGive && (
            <details>
              <summary>
                Change<span className="visually-hidden"> what {ROLE_NAMES[role]} may</span>
              </summary>
              <Form method="post" className="form">
                <input type="hidden" name="role" value={role} />
                <Permissions legend={`${ROLE_NAMES[role]} may`} chosen={permissions} view={view} />
                <div className="actions">
                  <Button name="intent" value="role">
                    Save<span className="visually-hidden"> {ROLE_NAMES[role]}</span>
                  </Button>
                </div>
              </Form>
            </details>
          )}
        </li>
      ))}
    </ul>
  </Card>
)
