// npm run build: the Remix build, proof that no server code is in what browsers get, and the stamp that start compares.
import { join } from 'node:path'
import { checkBundle } from './check-bundle.mjs'
import { ROOT, run, sourcesHash, stampBuild, tool } from './setup.mjs'

const hash = sourcesHash()
const code = await run(tool('remix'), ['vite:build'], {
  cwd: ROOT,
  env: { ...process.env, NODE_ENV: 'production' },
})
if (code !== 0) process.exit(code)
const problems = checkBundle(join(ROOT, 'build', 'client'))
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
stampBuild(hash)
