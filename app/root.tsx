import { json, type LinksFunction, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import {
  Link,
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useLocation,
  useRouteError,
  useRouteLoaderData,
} from '@remix-run/react'
import { type ReactNode, useEffect, useRef } from 'react'
import { AdminNavigation, MemberNavigation, type Viewer, VisitorBar } from './components/navigation'
import { Problem, problemWords } from './components/problem'
import { Alert } from './components/ui'
import { apiOf, isSignedIn } from './lib/api.server'
import { refusalHeaders } from './lib/headers'
import { useNonce } from './lib/nonce'
import { noticeText } from './lib/notices'
import { paths } from './lib/paths'
import stylesheet from './styles/app.css?url'

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: stylesheet },
  { rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' },
]

export const meta: MetaFunction = ({ error }) => [
  { title: error === undefined ? 'Offshoot' : `${problemWords(error).title} · Offshoot` },
]

export const headers = refusalHeaders

export const loader = async ({ context }: LoaderFunctionArgs) =>
  json({ viewer: await viewerOf(context), sandbox: context.api.config.sandbox })

const viewerOf = async (context: LoaderFunctionArgs['context']): Promise<Viewer | null> => {
  if (!isSignedIn(context)) return null
  const api = apiOf(context)
  const [{ user }, { unread }] = await Promise.all([api.auth.me(), api.notification.unread()])
  return {
    id: user.id,
    email: user.email,
    name: `${user.firstName} ${user.lastName}`,
    isAdmin: user.role === 'ADMIN',
    unread,
  }
}

/** The document around every page and every problem. When even its own data is missing it shows the visitor's bar. */
export const Layout = ({ children }: { readonly children: ReactNode }) => {
  const data = useRouteLoaderData<typeof loader>('root')
  const nonce = useNonce()
  const viewer = data?.viewer ?? null
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <Meta />
        <Links />
      </head>
      <body className={viewer === null ? 'visitor' : 'member'}>
        <a href="#main" className="skip">
          Skip to the content
        </a>
        {data?.sandbox && (
          <aside className="sandbox" aria-label="Mode of this installation">
            Sandbox: no money moves
          </aside>
        )}
        {viewer === null ? <VisitorBar /> : <MemberNavigation viewer={viewer} />}
        <Main isAdmin={viewer?.isAdmin === true}>{children}</Main>
        <Footer />
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  )
}

/** The page. A change of page in the browser moves the focus here, as a load of a document would. */
const Main = ({ isAdmin, children }: { readonly isAdmin: boolean; readonly children: ReactNode }) => {
  const { pathname, search } = useLocation()
  const main = useRef<HTMLElement>(null)
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  const notice = noticeText(new URLSearchParams(search))
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {isAdmin && /^\/admin(\/|$)/.test(pathname) && <AdminNavigation />}
      <div aria-live="polite" className="notices">
        {notice !== null && <Alert tone="good" title={notice} />}
      </div>
      {children}
    </main>
  )
}

const Footer = () => (
  <footer className="footer">
    <p>Offshoot: sell copies of your workspaces, on your own server.</p>
    <Link to={paths.privacy()}>Cookies</Link>
    <a href={paths.apiDocs()}>API</a>
  </footer>
)

const App = () => <Outlet />
export default App

export const ErrorBoundary = () => <Problem error={useRouteError()} />
