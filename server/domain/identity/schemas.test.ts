import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCommonPassword } from './password-rules'
import { Email, Name, NewPassword, ResetPasswordInput, SignUpInput, UpdateUserInput } from './schemas'

const ok = (schema: { safeParse: (value: unknown) => { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('an e-mail address', () => {
  it.each(['ann@x.test', "o'neil+tag@mail.example.com", 'a@b.co', `${'a'.repeat(64)}@x.test`])(
    'takes %s',
    (email) => {
      expect(ok(Email, email)).toBe(true)
    },
  )

  it('is kept in lower case', () => {
    expect(Email.parse('ANN@X.TEST')).toBe('ann@x.test')
  })

  it.each([
    'ann',
    '',
    ' ann@x.test',
    'ann@x.test ',
    'ann@x.test\n',
    'ann@x.test\r\nBcc: b@x.test',
    'ann@x.test,ben@x.test',
    'ann@x.test;ben@x.test',
    'ann@x.test (c) , ben@x.test',
    'ann(c)@x.test',
    'Ann <ann@x.test>',
    '<ann@x.test>',
    'team:ann@x.test,ben@x.test;',
    '"a b"@x.test',
    'ann@[127.0.0.1]',
    'ann@[IPv6:::1]',
    'ann@127.0.0.1',
    'ann@localhost',
    'ann\u0000@x.test',
    'ann@x.test\u2028',
    'an\u212a@x.test',
    'ann@ex\u0430mple.test',
    '.ann@x.test',
    'an..n@x.test',
    'ann.@x.test',
    'ann@x..test',
    'ann@-x.test',
    'ann@x-.test',
    `${'a'.repeat(65)}@x.test`,
    `ann@${'x'.repeat(64)}.test`,
    `ann@${'x.'.repeat(130)}test`,
    'a'.repeat(100_000),
    null,
    12,
    ['ann@x.test'],
    { email: 'ann@x.test' },
  ])('refuses %j', (email) => {
    expect(ok(Email, email)).toBe(false)
  })

  it('never lets through more than one at-sign, a separator or anything but printable ASCII', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aB.@,;:<>()[]" \n\u0000+-_é') })
    fc.assert(
      fc.property(text, (local) => {
        const result = Email.safeParse(`${local}@x.test`)
        if (result.success) expect(result.data).toMatch(/^[a-z.+_'-]+@x\.test$/)
      }),
    )
  })
})

describe('a name', () => {
  it('is trimmed', () => {
    expect(Name.parse('  Ann ')).toBe('Ann')
  })

  it.each(['A', "O'Neil", '李', 'علی‌رضا', '👨‍👩‍👧‍👦', '<b>', 'a'.repeat(100), '👍'.repeat(100)])(
    'takes %s',
    (name) => {
      expect(ok(Name, name)).toBe(true)
    },
  )

  it.each([
    '',
    '   ',
    ' \u200b',
    '\u3164',
    'a'.repeat(101),
    'a'.repeat(100_000),
    'Ann\r\nBcc: ben@x.test',
    'Ann\u2028Bcc',
    'Ann\u0000',
    'Ann\u0085b',
    '\u202enna',
    '\ud800',
    null,
    ['Ann'],
  ])('refuses %j', (name) => {
    expect(ok(Name, name)).toBe(false)
  })
})

describe('a new password', () => {
  it.each([
    'a'.repeat(64),
    'a'.repeat(256),
    '😀'.repeat(256),
    ' 8 chars ',
    'zwölf Boxkämpfer',
    'correct horse battery staple',
    'my-affiliate-sells-teapots',
  ])('takes %s', (password) => {
    expect(NewPassword.parse(password)).toBe(password)
  })

  it.each([
    '',
    'abc1234',
    '😀'.repeat(7),
    'a'.repeat(257),
    'a'.repeat(100_000),
    'password123',
    'PassWord123',
    'qwerty2024',
    'affiliate2026',
    'Affiliates!',
    'offshoot',
    'Offshoot-1234',
    'abc\u0000defgh',
    'abcdefgh\ud800',
    null,
    12345678,
    { $ne: null },
    ['correct horse battery staple'],
  ])('refuses %j', (password) => {
    expect(ok(NewPassword, password)).toBe(false)
  })

  it('is not one of at least a hundred that everybody guesses', () => {
    const guesses = [
      '12345678',
      'iloveyou',
      'sunshine',
      'trustno1',
      'football1',
      'welcome2020',
      'p@ssw0rd',
      'admin1234',
    ]
    expect(guesses.filter((guess) => !isCommonPassword(guess))).toEqual([])
    const generated = ['password', 'letmein', 'dragon', 'monkey'].flatMap((stem) =>
      Array.from({ length: 51 }, (_, year) => `${stem}${1980 + year}`),
    )
    expect(generated.filter((guess) => !isCommonPassword(guess))).toEqual([])
  })
})

describe('what a form sends', () => {
  const form = { email: 'ann@x.test', password: 'lantern-orbit-42', firstName: 'Ann', lastName: 'Lee' }

  it('takes a sign-up with and without a company', () => {
    expect(SignUpInput.parse(form)).toEqual(form)
    expect(SignUpInput.parse({ ...form, companyName: '' }).companyName).toBeUndefined()
    expect(SignUpInput.parse({ ...form, companyName: 'Lee Ltd' }).companyName).toBe('Lee Ltd')
  })

  it('refuses the e-mail address as password, in any case', () => {
    const result = SignUpInput.safeParse({ ...form, password: 'ANN@x.test' })
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['password']])
  })

  it('refuses members it does not know, such as a role', () => {
    expect(ok(SignUpInput, { ...form, role: 'ADMIN' })).toBe(false)
    expect(ok(ResetPasswordInput, { token: 'T', password: form.password, user: 'U' })).toBe(false)
    expect(ok(UpdateUserInput, { id: 'U', email: 'ben@x.test' })).toBe(false)
  })

  it.each(['', null, ['a'], 'a'.repeat(201)])('refuses the token %j', (token) => {
    expect(ok(ResetPasswordInput, { token, password: form.password })).toBe(false)
  })

  it.each([100.01, -5, '33.333', 1e-7, 'NaN', null])('refuses the commission %j', (commissionPercentage) => {
    expect(ok(UpdateUserInput, { id: 'U', commissionPercentage })).toBe(false)
  })
})
