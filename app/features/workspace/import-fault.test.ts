import { expect, test } from 'vitest'
import { firstFaults, jsonFault, pathText, placeWords } from './import-fault'

test.each([
  [[], 'The document', ''],
  [['format'], 'The document: format', 'format'],
  [['funnels', 0], 'Funnel 1', 'funnels[0]'],
  [['funnels', 0, 'pages', 2, 'slug'], 'Funnel 1, page 3: slug', 'funnels[0].pages[2].slug'],
  [['themes', 1, 'key'], 'Theme 2: key', 'themes[1].key'],
  [
    ['roleTemplates', 0, 'permissions', 'pages.edit'],
    'Role template 1: permissions',
    'roleTemplates[0].permissions["pages.edit"]',
  ],
  [
    ['funnels', 1, 'pages', 0, 'content', 'content', 3, 'props', 'href'],
    'Funnel 2, page 1: content',
    'funnels[1].pages[0].content.content[3].props.href',
  ],
  [['constructor', 0], 'The document: constructor', 'constructor[0]'],
] as const)('the place %j is told in words and as a path', (path, words, text) => {
  expect(placeWords(path)).toBe(words)
  expect(pathText(path)).toBe(text)
})

test('twenty faults are shown, the others counted', () => {
  const issues = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ path: ['funnels', i], message: 'Must be an object.' }))
  expect(firstFaults(issues(20))).toMatchObject({ more: 0, stopped: false })
  expect(firstFaults(issues(21)).faults).toHaveLength(20)
  expect(firstFaults(issues(21))).toMatchObject({ more: 1, stopped: false })
  expect(firstFaults(issues(100))).toMatchObject({ more: 80, stopped: true })
  expect(firstFaults([])).toEqual({ faults: [], more: 0, stopped: false })
})

test.each([
  ['{"a":1,}', 'line 1, column 8'],
  ['{\n "a": 1 2}', 'line 2, column 9'],
  ['{"a":1', 'line 1, column 7'],
  ['{\n "a": ]}', ']'],
])('where %j stops being JSON is told', (text, told) => {
  let words = ''
  try {
    JSON.parse(text)
  } catch (error) {
    words = error instanceof Error ? error.message : ''
  }
  expect(jsonFault(text, words)).toContain(told)
})

test('an engine that does not say where it stopped leaves the place open', () => {
  expect(jsonFault('{', 'No.')).toBe('')
  expect(jsonFault('{', 'at position 99')).toBe('')
})
