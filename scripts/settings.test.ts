import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../server/kit/config'

const ROOT = resolve(import.meta.dirname, '..')
const text = readFileSync(join(ROOT, '.env.example'), 'utf8')
const example = parseEnv(text)

describe('.env.example', () => {
  it('names every setting that is read', () => {
    const source = readFileSync(join(ROOT, 'server/kit/config.ts'), 'utf8')
    const read = new Set(
      [...source.matchAll(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|(?<=\(')(?:[A-Z]+)(?=')/g)].map(([name]) => name),
    )
    const declared = new Set([...source.matchAll(/const ([A-Z][A-Z0-9_]+)\b/g)].map(([, name]) => name))
    const settings = [...read].filter((name) => !declared.has(name))
    expect(settings).toEqual(
      expect.arrayContaining(['PORT', 'APP_URL', 'DATABASE_URL', 'RATE_LIMIT_SIGN_IN']),
    )
    expect(settings.filter((name) => !(name in example))).toEqual([])
  })

  it('gives each its real default', () => {
    const secret = () => 'a secret of the data folder, of 32 bytes and more'
    expect(readConfig(example, secret)).toEqual(readConfig({}, secret))
  })

  it('names each once', () => {
    const names = [...text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name)
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
  })
})
