// npm run verify: format, lint, types, boundaries, rules of the sources, dead code.
import { ensureInstalled, requireNode } from './setup.mjs'

requireNode()
await ensureInstalled()
const { verify } = await import('./steps.mjs')
const { failed } = await verify()
process.exitCode = failed.length > 0 ? 1 : 0
