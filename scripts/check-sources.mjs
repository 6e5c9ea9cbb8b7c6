// The rules that the linter has no words for, found in the syntax tree, so that comments and strings do not matter.
import { readFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import ts from 'typescript'
import { filesUnder, ROOT } from './setup.mjs'

/** The one component that may put HTML into a page as it is: it cleans it first. */
const SANITIZER = 'app/components/sanitized-html.tsx'

/** @type {{ name: string, why: string, applies: (file: string) => boolean, breaks: (node: ts.Node) => boolean }[]} */
const RULES = [
  {
    name: 'clock',
    why: 'a domain takes the time from ctx.now()',
    applies: (file) => file.startsWith('server/domain/'),
    breaks: (node) =>
      (ts.isNewExpression(node) &&
        isGlobal(node.expression, 'Date') &&
        (node.arguments ?? []).length === 0) ||
      (ts.isCallExpression(node) && isGlobal(node.expression, 'Date')) ||
      readsMember(node, 'Date', 'now') ||
      readsMember(node, 'performance', 'now'),
  },
  {
    name: 'randomness',
    why: 'a domain takes randomness from ctx.outside.random',
    applies: (file) => file.startsWith('server/domain/'),
    breaks: (node) => readsMember(node, 'Math', 'random'),
  },
  {
    name: 'ids',
    why: 'a domain takes ids from newId(ctx), secrets from ctx.outside.random',
    applies: (file) => file.startsWith('server/domain/') && !/\.test\.ts$/.test(file),
    breaks: (node) =>
      ts.isIdentifier(node) &&
      ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'].includes(node.text) &&
      !ts.isImportSpecifier(node.parent),
  },
  {
    name: 'sql-raw',
    why: 'sql.raw puts text into a statement as it is: use parameters or sql.identifier',
    applies: () => true,
    breaks: (node) => readsMember(node, 'sql', 'raw'),
  },
  {
    name: 'unverified-webhook',
    why: 'a webhook without a checked signature is anybody talking',
    applies: () => true,
    breaks: (node) =>
      (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) &&
      node.text === 'constructEventWithoutVerification',
  },
  {
    name: 'raw-html',
    why: `dangerouslySetInnerHTML belongs to ${SANITIZER}`,
    applies: (file) => file !== SANITIZER,
    breaks: (node) => ts.isIdentifier(node) && node.text === 'dangerouslySetInnerHTML',
  },
  {
    name: 'definite',
    why: 'a "!" after a name promises a value that nobody checked',
    applies: () => true,
    breaks: (node) =>
      (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) &&
      node.exclamationToken !== undefined,
  },
  {
    name: 'environment',
    why: 'settings are read in server/kit/config.ts, once',
    applies: (file) =>
      !/^(scripts|e2e|bench)\/|\.test\.tsx?$|^[^/]+\.config\.ts$|^server\/kit\/config\.ts$/.test(file),
    breaks: (node) => readsMember(node, 'process', 'env'),
  },
]

/** Comments that switch a check off; each needs a reason, and some checks may not be switched off. */
const SILENCED = [
  {
    name: 'silenced',
    why: 'this rule may not be switched off',
    pattern:
      /biome-ignore(-all|-start)?\s+lint(\/(suspicious\/no(ExplicitAny|Console)|style\/no(NonNullAssertion|ProcessEnv)|security\/\w+)|\/\w+|)\s*[:\s]/,
  },
  { name: 'silenced', why: 'an error of types is mended, not hidden', pattern: /@ts-(ignore|nocheck)/ },
]

/** The global of this name itself: Date, globalThis.Date. */
const isGlobal = (node, name) =>
  ts.isIdentifier(node)
    ? node.text === name
    : ts.isPropertyAccessExpression(node) &&
      node.name.text === name &&
      isGlobal(node.expression, 'globalThis')

/** `object.member`, `object['member']` or `const { member } = object`. */
const readsMember = (node, object, member) => {
  if (ts.isPropertyAccessExpression(node))
    return isGlobal(node.expression, object) && node.name.text === member
  if (ts.isElementAccessExpression(node))
    return (
      isGlobal(node.expression, object) &&
      ts.isStringLiteralLike(node.argumentExpression) &&
      node.argumentExpression.text === member
    )
  if (!ts.isBindingElement(node) || !ts.isVariableDeclaration(node.parent.parent)) return false
  const { initializer } = node.parent.parent
  const taken = (node.propertyName ?? node.name).getText()
  return initializer !== undefined && isGlobal(initializer, object) && taken === member
}

/** @returns {string[]} what is wrong in one file, as `file:line:column rule: why` */
const check = (file, text) => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const rules = RULES.filter(({ applies }) => applies(file))
  const found = []
  const report = (position, { name, why }) => {
    const { line, character } = source.getLineAndCharacterOfPosition(position)
    found.push(`${file}:${line + 1}:${character + 1} ${name}: ${why}`)
  }
  const visit = (node) => {
    for (const rule of rules) if (rule.breaks(node)) report(node.getStart(source), rule)
    ts.forEachChild(node, visit)
  }
  visit(source)
  for (const comment of commentsOf(source))
    for (const rule of SILENCED)
      if (rule.pattern.test(text.slice(comment.pos, comment.end))) report(comment.pos, rule)
  return found
}

/** Every comment stands before some token, or inside JSX braces, which are tokens too. */
const commentsOf = (source) => {
  const found = new Map()
  const visit = (node) => {
    if (!ts.isJsxText(node) && node.getChildCount(source) === 0)
      for (const comment of [
        ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? []),
      ])
        found.set(comment.pos, comment)
    for (const child of node.getChildren(source)) visit(child)
  }
  visit(source)
  return [...found.values()]
}

const root = resolve(process.argv[2] ?? ROOT)
const files = ['app', 'server', 'db', 'e2e', 'bench', 'scripts']
  .flatMap((folder) => filesUnder(join(root, folder)))
  .filter((file) => /\.(ts|tsx|mts|cts)$/.test(file))
const problems = files.flatMap((file) =>
  check(relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')),
)
for (const problem of problems) console.error(problem)
console.log(`${files.length} files, ${problems.length} problems`)
process.exitCode = problems.length > 0 || files.length === 0 ? 1 : 0
