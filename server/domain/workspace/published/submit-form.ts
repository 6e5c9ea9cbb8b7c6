import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { formSubmissions, users, workspaces } from '../../../../db/schema'
import { type Context, inTransaction, newId } from '../../../kit/context'
import { enqueueMail } from '../../../kit/queue'
import { isObject } from '../json'
import type { Answer } from '../schemas'
import { type PublishedPage, readPublishedContent } from './read-published'

const text = z.string().max(20_000).catch('')

/** What of a form's block decides about its answers; the block itself is shown by the pages. */
const Form = z.object({
  title: text,
  href: text,
  notify: z.boolean().catch(false),
  fields: z
    .array(
      z.object({
        label: text,
        type: text,
        required: z.boolean().catch(false),
        options: z.array(z.string()).catch([]),
      }),
    )
    .max(100),
})
type Field = z.infer<typeof Form>['fields'][number]

const Quiz = z.object({
  title: text,
  questions: z
    .array(
      z.object({
        question: text,
        multiple: z.boolean().catch(false),
        answers: z.array(z.object({ label: text, href: text })).max(100),
      }),
    )
    .max(100),
})

export interface SentForm {
  readonly page: PublishedPage
  readonly blockId: string
  /** What was filled in, by the names of the fields: `f0`, `f1`, … of a form, `q0`, … of a quiz. */
  readonly values: URLSearchParams
  /** A machine filled it in: it is answered as anybody, and not kept. */
  readonly spam: boolean
}

/** `href` as the block has it: where to go on; '' where it says nothing. Null: the page has no such form. */
export type SubmitResult =
  | { readonly kind: 'kept'; readonly href: string }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | null

/** Keeps what a visitor filled in, for the owner of the page. */
export const submitForm = async (
  ctx: Context,
  { page, blockId, values, spam }: SentForm,
): Promise<SubmitResult> => {
  const { content } = await readPublishedContent(ctx, page)
  const block = findBlock(content, blockId)
  if (block?.type === 'Form') {
    const form = Form.safeParse(block.props)
    if (!form.success) return null
    const { answers, faults } = readFields(form.data.fields, values)
    if (faults.length > 0) return { kind: 'faults', faults }
    if (!spam) await keep(ctx, page, { blockId, title: form.data.title, answers, notify: form.data.notify })
    return { kind: 'kept', href: form.data.href }
  }
  if (block?.type === 'Quiz') {
    const quiz = Quiz.safeParse(block.props)
    if (!quiz.success) return null
    const { answers, href } = readQuiz(quiz.data, values)
    if (answers.length < quiz.data.questions.filter(({ multiple }) => !multiple).length)
      return { kind: 'faults', faults: ['Answer every question.'] }
    if (!spam) await keep(ctx, page, { blockId, title: quiz.data.title, answers, notify: false })
    return { kind: 'kept', href }
  }
  return null
}

const keep = (
  ctx: Context,
  page: PublishedPage,
  sent: { blockId: string; title: string; answers: Answer[]; notify: boolean },
): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const id = newId(tx)
    await tx.db.insert(formSubmissions).values({
      id,
      workspaceId: page.workspaceRowId,
      pageNo: page.page.no,
      pageName: page.page.name,
      blockId: sent.blockId,
      formTitle: sent.title.slice(0, 500),
      answers: sent.answers,
      createdAt: tx.now(),
    })
    if (!sent.notify) return
    const [owner] = await tx.db
      .select({ email: users.email, firstName: users.firstName })
      .from(workspaces)
      .innerJoin(users, eq(users.id, workspaces.ownerId))
      .where(eq(workspaces.id, page.workspaceRowId))
    if (owner === undefined) return
    await enqueueMail(tx, {
      key: `submission:${id}`,
      to: owner.email,
      template: 'form-answered',
      data: {
        firstName: owner.firstName,
        form: sent.title.slice(0, 500) || 'A form',
        page: page.page.name,
        workspaceName: page.workspace.name,
        workspacePublicId: page.workspace.publicId,
      },
    })
  })

interface Block {
  readonly type: unknown
  readonly props: Record<string, unknown>
}

/** The block of this name, wherever it stands. */
const findBlock = (root: unknown, id: string): Block | null => {
  const open: unknown[] = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) open.push(...next)
    else if (isObject(next)) {
      if (isObject(next.props) && next.props.id === id) return { type: next.type, props: next.props }
      open.push(...Object.values(next))
    }
  }
  return null
}

const readFields = (
  fields: readonly Field[],
  values: URLSearchParams,
): { answers: Answer[]; faults: string[] } => {
  const faults: string[] = []
  const answers = fields.map((field, i) => {
    const value = clean(values.get(`f${i}`) ?? '')
    const fault = value === '' ? (field.required ? 'Fill this in.' : null) : faultOf(field, value)
    if (fault !== null) faults.push(`${field.label}: ${fault}`)
    return { label: field.label, value }
  })
  return { answers, faults }
}

/** Without what no text of a person holds. */
const clean = (value: string): string => value.replaceAll(/[^\P{Cc}\t\r\n]|\p{Cs}/gu, '').trim()

const faultOf = ({ type, options }: Field, value: string): string | null => {
  if (value.length > (type === 'textarea' ? 5_000 : 500)) return 'That is too long.'
  switch (type) {
    case 'email':
      return z.email().safeParse(value).success ? null : 'This is no e-mail address.'
    case 'tel':
      return /^[+\d][\d\s()./-]{2,40}$/.test(value) ? null : 'This is no phone number.'
    case 'date':
      return z.iso.date().safeParse(value).success ? null : 'This is no date.'
    case 'time':
      return /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value) ? null : 'This is no time.'
    case 'number':
      return Number.isFinite(Number(value)) ? null : 'This is no number.'
    case 'select':
      return options.includes(value) ? null : 'Choose one of the list.'
    case 'checkbox':
      return value === 'yes' ? null : 'This is no answer.'
    default:
      return null
  }
}

/** The answers that were chosen, and the page most of them speak for: of several, the one chosen first. */
const readQuiz = (
  { questions }: z.infer<typeof Quiz>,
  values: URLSearchParams,
): { answers: Answer[]; href: string } => {
  const votes = new Map<string, number>()
  const answers = questions.flatMap(({ question, multiple, answers: known }, i) => {
    const places = new Set(values.getAll(`q${i}`).slice(0, multiple ? known.length : 1))
    const chosen = known.filter((_, place) => places.has(String(place)))
    for (const { href } of chosen) if (href !== '') votes.set(href, (votes.get(href) ?? 0) + 1)
    return chosen.length === 0
      ? []
      : [{ label: question, value: chosen.map(({ label }) => label).join('; ') }]
  })
  const best = [...votes].reduce<[string, number]>((most, next) => (next[1] > most[1] ? next : most), ['', 0])
  return { answers, href: best[0] }
}
