import { expect, it } from 'vitest'
import { noticeText, withNotice } from './notices'

const read = (path: string) => noticeText(new URL(path, 'http://localhost').searchParams)

it('says what it knows by code, and no words of a stranger', () => {
  expect(read(withNotice('/auth/sign-in', 'password-set'))).toMatch(/password is set/)
  expect(read('/?notice=You+won')).toBeNull()
  expect(read('/?notice=toString')).toBeNull()
  expect(read('/')).toBeNull()
})
