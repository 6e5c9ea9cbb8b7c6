/** What is wrong with a document, as the import answers it. */
export interface ImportFailure {
  readonly title: string
  /** At most `SHOWN`. */
  readonly faults: readonly ImportFault[]
  /** How many were found beyond those. */
  readonly more: number
  /** The check stops when it has found enough: there may be others. */
  readonly stopped: boolean
  /** What was pasted, so that nothing is pasted twice. */
  readonly text: string
}

export interface ImportFault {
  /** 'Funnel 1, page 3: slug' */
  readonly place: string
  /** 'funnels[0].pages[2].slug'; empty for the document as a whole. */
  readonly path: string
  readonly message: string
}

type Path = readonly (string | number)[]

const SHOWN = 20
/** As many as the check of a document tells at once. */
const TOLD = 100

/** The first faults in words, and how many more there are. */
export const firstFaults = (
  issues: readonly { readonly path: Path; readonly message: string }[],
): Pick<ImportFailure, 'faults' | 'more' | 'stopped'> => ({
  faults: issues
    .slice(0, SHOWN)
    .map(({ path, message }) => ({ place: placeWords(path), path: pathText(path), message })),
  more: Math.max(0, issues.length - SHOWN),
  stopped: issues.length >= TOLD,
})

const PARTS: Readonly<Record<string, string>> = {
  funnels: 'funnel',
  pages: 'page',
  themes: 'theme',
  roleTemplates: 'role template',
}

/** ['funnels', 0, 'pages', 2, 'slug'] → 'Funnel 1, page 3: slug'. Below a part it goes by the names alone. */
export const placeWords = (path: Path): string => {
  const parts: string[] = []
  let at = 0
  for (; at + 1 < path.length; at += 2) {
    const [list, place] = [path[at], path[at + 1]]
    const word = typeof list === 'string' && Object.hasOwn(PARTS, list) ? PARTS[list] : undefined
    if (word === undefined || typeof place !== 'number') break
    parts.push(`${word} ${place + 1}`)
  }
  const member = path.slice(at).find((part) => typeof part === 'string')
  const where = parts.join(', ')
  if (where === '') return member === undefined ? 'The document' : `The document: ${member}`
  const capital = `${where.charAt(0).toUpperCase()}${where.slice(1)}`
  return member === undefined ? capital : `${capital}: ${member}`
}

/** ['funnels', 0, 'slug'] → 'funnels[0].slug'; names that are no identifiers are quoted. */
export const pathText = (path: Path): string =>
  path
    .map((part, place) => {
      if (typeof part === 'number') return `[${part}]`
      if (!/^[A-Za-z_$][\w$]*$/.test(part)) return `[${JSON.stringify(part.slice(0, 60))}]`
      return place === 0 ? part : `.${part}`
    })
    .join('')

/** Where a text stops being JSON, as a sentence made of what the engine says of it; empty when it says nothing. */
export const jsonFault = (text: string, words: string): string => {
  const place = jsonPlace(text, words)
  if (place !== null) return `It stops making sense at line ${place.line}, column ${place.column}.`
  const [, token, near] = /^Unexpected token '?(.+?)'?, (.+) is not valid JSON$/s.exec(words) ?? []
  return token === undefined ? '' : `${token} was not expected in ${near}.`
}

const jsonPlace = (text: string, words: string) => {
  const stopped = /position (\d+)/.exec(words)?.[1]
  const position = stopped === undefined && /end of JSON/.test(words) ? text.length : Number(stopped)
  if (!(position <= text.length)) return null
  const before = text.slice(0, position)
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n') }
}
