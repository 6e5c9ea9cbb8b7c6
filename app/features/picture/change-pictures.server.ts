import type { ActionFunctionArgs } from '@remix-run/node'
import { type Api, apiOf, formFailure } from '~/lib/api.server'
import type { Notice } from '~/lib/notices'
import { readForm, type UploadedFile, type UploadedForm } from '~/lib/uploads.server'
import { MIB } from '../../../server/http/read-json'
import { DomainError, invalid } from '../../../server/kit/errors'

/** Of all files of one form, with what is around them. */
const MAX_BYTES = 41 * MIB
const AT_ONCE = 20

interface Changed {
  readonly notice: Notice
  /** To go on in. */
  readonly folder: string | undefined
}

/** Does what a form of the library asks for. */
export const changePictures = async (
  { request, context }: Pick<ActionFunctionArgs, 'request' | 'context'>,
  workspaceId: string,
): Promise<Changed | { failure: ReturnType<typeof formFailure> }> => {
  let values: Readonly<Record<string, string>> = {}
  try {
    const form = await readForm(request, MAX_BYTES)
    values = form.fields
    const notice = await INTENTS[intentOf(form)](apiOf(context), workspaceId, form)
    const folder = form.fields.folder
    return { notice, folder: folder === undefined || folder === '' ? undefined : folder }
  } catch (error) {
    return { failure: formFailure(error, request, values, { PICTURE_TYPE: 'files' }) }
  }
}

type Intent = 'add' | 'change' | 'replace' | 'remove'

const intentOf = ({ fields }: UploadedForm): Intent => {
  const { intent = '' } = fields
  if (intent === 'add' || intent === 'change' || intent === 'replace' || intent === 'remove') return intent
  throw new DomainError(400, 'INVALID_INPUT', 'The form asks for nothing that is known here.')
}

const INTENTS: Readonly<
  Record<Intent, (api: Api, workspaceId: string, form: UploadedForm) => Promise<Notice>>
> = {
  add: async (api, workspaceId, { fields, files }) => {
    if (files.length === 0) throw invalid([{ path: ['files'], message: 'Choose one or more.' }])
    if (files.length > AT_ONCE) throw invalid([{ path: ['files'], message: `At most ${AT_ONCE} at once.` }])
    for (const [i, file] of files.entries())
      await api.picture
        .add({ workspaceId, folder: fields.folder ?? '', name: nameOf(file), content: base64(file) })
        .catch((error: unknown) => {
          throw named(error, file, i)
        })
    return 'pictures-added'
  },
  change: async (api, workspaceId, { fields }) => {
    const { pictureId = '', name = '', folder = '' } = fields
    await api.picture.change({ workspaceId, pictureId, name, folder })
    return 'picture-saved'
  },
  replace: async (api, workspaceId, { fields, files }) => {
    const [file] = files
    if (file === undefined) throw invalid([{ path: ['files'], message: 'Choose the new picture.' }])
    await api.picture.replace({ workspaceId, pictureId: fields.pictureId ?? '', content: base64(file) })
    return 'picture-replaced'
  },
  remove: async (api, workspaceId, { fields }) => {
    await api.picture.remove({ workspaceId, pictureId: fields.pictureId ?? '' })
    return 'picture-removed'
  },
}

const base64 = ({ bytes }: UploadedFile): string => bytes.toString('base64')

/** What a file is called, without its ending and without what no name may hold. */
const nameOf = ({ name }: UploadedFile): string => {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  const plain = last
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, ' ')
    .trim()
  return [...plain].slice(0, 200).join('') || 'Picture'
}

/** Which of several it was, and that those before it are there. */
const named = (error: unknown, file: UploadedFile, place: number): unknown => {
  const cause = error instanceof Error && error.cause instanceof DomainError ? error.cause : error
  if (!(cause instanceof DomainError) || cause.status === 401) return error
  const before = place === 0 ? '' : ' Those before it are uploaded.'
  return new DomainError(cause.status, cause.code, `“${nameOf(file)}”: ${cause.message}${before}`)
}
