import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  EmptyState,
  FormErrors,
  PageHeader,
  Pagination,
  Time,
} from '~/components/ui'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import { safeRedirect } from '~/lib/safe-redirect.server'
import type { NotificationView } from '../../server/domain/notification/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Notifications')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(
    await load(args, async (api) => ({
      page: await api.notification.list({ limit: 30, cursor }),
      unread: (await api.notification.unread()).unread,
    })),
  )
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { id } = textFields(await request.formData(), ['id'])
  try {
    const { link } = await apiOf(context).notification.markRead(id === '' ? {} : { id })
    return redirect(
      id === ''
        ? withNotice(paths.notifications(), 'notifications-read')
        : safeRedirect(link, paths.notifications()),
    )
  } catch (error) {
    return formFailure(error, request)
  }
}

const Notifications = () => {
  const { page, unread } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Notifications"
        description="What happened around your account, newest first."
        actions={
          <>
            {unread > 0 && (
              <Form method="post">
                <Button>Mark all as read</Button>
              </Form>
            )}
            <ButtonLink to={paths.notificationSettings()}>Choose what you get</ButtonLink>
          </>
        }
      />
      <FormErrors failure={failure} labels={{}} />
      {page.items.length === 0 ? (
        <Card>
          <EmptyState
            title="Nothing yet"
            action={<ButtonLink to={paths.dashboard()}>Go to your dashboard</ButtonLink>}
          >
            Sales, payments, withdrawals and what concerns the safety of your account will stand here.
          </EmptyState>
        </Card>
      ) : (
        <ul className="notifications">
          {page.items.map((item) => (
            <Item key={item.id} item={item} />
          ))}
        </ul>
      )}
      <Pagination nextCursor={page.nextCursor} />
    </>
  )
}

export default Notifications

const Item = ({ item }: { readonly item: NotificationView }) => (
  <li className="card">
    <div className="card-body stack">
      <div className="marks">
        <strong>{item.title}</strong>
        {item.readAt === null && <Badge tone="info">New</Badge>}
      </div>
      <p>{item.text}</p>
      <Form method="post" className="actions">
        <input type="hidden" name="id" value={item.id} />
        {item.link !== null ? (
          <Button size="small" aria-label={`Look at it: ${item.title}`}>
            Look at it
          </Button>
        ) : (
          item.readAt === null && (
            <Button size="small" aria-label={`Mark as read: ${item.title}`}>
              Mark as read
            </Button>
          )
        )}
        <span className="muted">
          <Time value={item.createdAt} withTime />
        </span>
      </Form>
    </div>
  </li>
)
