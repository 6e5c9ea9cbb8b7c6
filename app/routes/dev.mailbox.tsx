import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { ButtonLink, Card, EmptyState, PageHeader, Time } from '~/components/ui'
import { mailsOf } from '~/lib/mailbox.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Mailbox')

export const loader = async (args: LoaderFunctionArgs) => json({ mails: await mailsOf(args) })

const Mailbox = () => {
  const { mails } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Mailbox"
        description="Every mail this installation would have sent, newest first. With SMTP_URL set they leave instead."
        actions={
          <ButtonLink to={paths.mailbox()} reload>
            Look again
          </ButtonLink>
        }
      />
      {mails.length === 0 && (
        <Card>
          <EmptyState
            title="No mail yet"
            action={
              <ButtonLink to={paths.signUp()} variant="primary">
                Sign up
              </ButtonLink>
            }
          >
            Signing up sends the first one.
          </EmptyState>
        </Card>
      )}
      {mails.length > 0 && (
        <Card flush>
          <ul className="mails">
            {mails.map((mail, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: one moment may have sent two alike
              <li key={`${mail.sentAt} ${place}`}>
                <details open={place === 0}>
                  <summary>
                    <span className="mail-subject">{mail.subject}</span>
                    <span className="muted">
                      To {mail.to}, <Time value={mail.sentAt} withTime />
                    </span>
                  </summary>
                  <MailText text={mail.text} />
                </details>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  )
}

export default Mailbox

/** The text as it was sent, with its addresses to follow. */
const MailText = ({ text }: { readonly text: string }) => (
  <p className="mail-text">
    {text.split(/(https?:\/\/\S+)/).map((part, place) =>
      place % 2 === 1 ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts never change their order
        <a key={place} href={part}>
          {part}
        </a>
      ) : (
        part
      ),
    )}
  </p>
)
