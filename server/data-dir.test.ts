import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDataDir, StartError } from './data-dir'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offshoot-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const lockOf = (dataDir: string) => join(dataDir, 'offshoot.lock')

describe('the lock of a data folder', () => {
  it('is made with the folder, names this process, and goes again', () => {
    const dataDir = join(folder, 'new', 'data')
    const release = lockDataDir(dataDir)
    expect(readFileSync(lockOf(dataDir), 'utf8')).toBe(String(process.pid))
    release()
    expect(existsSync(lockOf(dataDir))).toBe(false)
  })

  it('is refused while another process has it, which is named', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    try {
      writeFileSync(lockOf(folder), String(other.pid))
      expect(() => lockDataDir(folder)).toThrow(StartError)
      expect(() => lockDataDir(folder)).toThrow(`in use by process ${other.pid}`)
    } finally {
      const ended = new Promise((resume) => other.once('exit', resume))
      other.kill()
      await ended
    }
    // Its process is gone now: the lock is stale.
    lockDataDir(folder)()
  })

  it.each(['', 'nonsense', '-5', '0'])('left behind with %j in it is taken over', (text) => {
    writeFileSync(lockOf(folder), text)
    const release = lockDataDir(folder)
    expect(readFileSync(lockOf(folder), 'utf8')).toBe(String(process.pid))
    release()
  })

  it('cannot be had where no folder can be', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => lockDataDir(join(folder, 'file'))).toThrow()
  })
})
