import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { statementKeys } from '../../server/domain/balance'
import type { Context } from '../../server/kit/context'

/** What the program that anybody can run says of a statement's file. */
export const verifiedStatement = async (
  ctx: Context,
  file: string,
): Promise<{ status: number | null; text: string }> => {
  const folder = mkdtempSync(join(tmpdir(), 'offshoot-issued-'))
  writeFileSync(join(folder, 'statement.json'), file)
  writeFileSync(join(folder, 'offshoot-statement-keys.json'), JSON.stringify(await statementKeys(ctx)))
  const script = resolve(import.meta.dirname, '../../scripts/verify-statement.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, join(folder, 'statement.json')], {
    encoding: 'utf8',
  })
  rmSync(folder, { recursive: true, force: true })
  return { status, text: stdout + stderr }
}
