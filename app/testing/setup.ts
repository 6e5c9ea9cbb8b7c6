import '@testing-library/jest-dom/vitest'
import { cleanup } from '@testing-library/react'
import { afterEach, beforeEach, expect, vi } from 'vitest'

/** What React and the browser complain about is a fault: a test that causes a complaint fails, unless it expects it. */
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation((...args) => {
    complaints.push(args.map(String).join(' '))
  })
  vi.spyOn(console, 'warn').mockImplementation((...args) => {
    const text = args.map(String).join(' ')
    if (!/Future Flag Warning/.test(text)) complaints.push(text)
  })
})

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  const unexpected = complaints.splice(0)
  expect(unexpected, 'unexpected complaints on the console').toEqual([])
})

const complaints: string[] = []

/** Takes note of the complaints so far, for a test that means to cause them. */
export const takeComplaints = (): string[] => complaints.splice(0)
