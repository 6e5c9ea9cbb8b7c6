/** An answer with its body read. */
export interface Answer<T = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** Somebody who uses the plain HTTP interface, with a cookie jar of their own, from our own origin. */
export class Client {
  readonly #cookies = new Map<string, string>()

  constructor(readonly url: string) {}

  get = <T>(path: string) => this.send<T>('GET', path)
  post = <T>(path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
    this.send<T>('POST', path, body, headers)
  patch = <T>(path: string, body: unknown) => this.send<T>('PATCH', path, body)

  /** Redirects are not followed. A body that is no JSON comes back as text. */
  async send<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const answer = await fetch(new URL(path, this.url), {
      method,
      redirect: 'manual',
      headers: {
        Origin: new URL(this.url).origin,
        Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body instanceof URLSearchParams || body === undefined
          ? {}
          : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const at = pair.indexOf('=')
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const text = await answer.text()
    const json = (answer.headers.get('content-type') ?? '').includes('json')
    return { status: answer.status, headers: answer.headers, body: (json ? JSON.parse(text) : text) as T }
  }
}

/** @throws Error with what came instead of 200. */
export const ok = <T>(answer: Answer<T>): T => {
  if (answer.status !== 200) throw new Error(`${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`)
  return answer.body
}

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly links: readonly string[]
}

export const mailbox = async (url: string): Promise<Mail[]> =>
  ok(await new Client(url).get<Mail[]>('/dev/mailbox.json'))

/** Waits until there is something, at most a minute: what was under way when a process died comes back after its lease. */
export const until = async <T>(look: () => Promise<T | null | undefined | false>): Promise<T> => {
  const deadline = Date.now() + 60_000
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error('it did not come within a minute')
    await new Promise((resume) => setTimeout(resume, 50))
  }
}

export const PASSWORD = 'a walk along the river'

/** Signs up, follows the link in the mail, signs in. */
export const newMember = async (url: string, email: string, firstName = 'Sam'): Promise<Client> => {
  const client = new Client(url)
  ok(await client.post('/api/auth/sign-up', { email, password: PASSWORD, firstName, lastName: 'Tester' }))
  const mail = await until(async () => (await mailbox(url)).find(({ to }) => to === email))
  await client.get(mail.links[0] ?? '')
  ok(await client.post('/api/auth/sign-in', { email, password: PASSWORD }))
  return client
}

/** Pays with the card that always works, as the form of the hosted page would. */
export const payAtSandbox = async (url: string, checkoutUrl: string): Promise<Answer<string>> => {
  const browser = new Client(url)
  const page = await browser.get<string>(checkoutUrl)
  const form = new URLSearchParams()
  for (const [, attributes = ''] of page.body.matchAll(/<input([^>]*)>/g)) {
    const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
    const name = value('name')
    if (name !== undefined) form.set(name, value('value') ?? '')
  }
  form.set('name', 'Bea Buyer')
  const action = /<form[^>]*action="([^"]*)"/.exec(page.body)?.[1] ?? checkoutUrl
  return browser.send<string>('POST', new URL(action.replaceAll('&amp;', '&'), checkoutUrl).href, form)
}
