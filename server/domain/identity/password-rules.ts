/**
 * The first guesses of everybody who guesses, compared without regard to case. Exact matches only
 * (NIST SP 800-63B, 3.1.1.2): a rule about kinds of characters would refuse good passwords and let bad ones pass.
 */
export const isCommonPassword = (password: string): boolean => COMMON.has(password.toLowerCase())

/** Little is left of the password without the product's own words ("affiliate2026"). */
export const holdsContextWord = (password: string): boolean => {
  const rest = password.replace(/affiliates?|offshoot/gi, '')
  return rest !== password && [...rest].length < 8
}

const SINGLE =
  '12345678 123456789 1234567890 0123456789 012345678 9876543210 987654321 87654321 11111111 111111111 1111111111 ' +
  '00000000 000000000 0000000000 22222222 33333333 44444444 55555555 66666666 77777777 88888888 99999999 ' +
  '12341234 11223344 1122334455 112233445566 12121212 123123123 123321123 147258369 159753456 123454321 ' +
  '1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc qazwsxedc qazwsx123 zaq12wsx zaq1zaq1 q1w2e3r4 q1w2e3r4t5 ' +
  'qwertyui qwertyuio qwertyuiop asdfghjk asdfghjkl asdfasdf zxcvbnm1 zxcvbnm123 1234qwer qwer1234 asdf1234 ' +
  'abcd1234 abcdefgh abcdefghi abc12345 abc123456 a1b2c3d4 aa123456 a12345678 a123456789 aaaaaaaa ' +
  'password passw0rd p@ssw0rd p@ssword pa$$word pa55word passwort password! mypassword thepassword changeme ' +
  'changeit letmein! letmein1 trustno1 iloveyou iloveyou! iloveu123 whatever sunshine princess football baseball ' +
  'basketball superman batman123 starwars computer internet michelle jennifer jonathan victoria samantha ' +
  'danielle corvette mercedes midnight maverick dolphins cocacola liverpool chocolate butterfly elephant ' +
  'blink182 pokemon1 nintendo minecraft spiderman metallica slipknot snoopy123 garfield scooter1 ' +
  'administrator admin123 admin1234 adminadmin rootroot root1234 test1234 testtest tester123 guest123 default1 ' +
  'login123 secret123 master123 welcome1 welcome123 hello123 hellohello killer123 dragon123 monkey123 shadow123'

const STEMS =
  'password passw0rd qwerty qwertyuiop welcome letmein iloveyou admin administrator football baseball princess dragon ' +
  'monkey sunshine superman batman master shadow michael jordan computer abc asdfgh zxcvbn secret login test user ' +
  'hello freedom whatever charlie summer winter spring autumn changeme'

const TAILS = [
  '1',
  '12',
  '123',
  '1234',
  '12345',
  '123456',
  '1234567',
  '12345678',
  '123456789',
  '01',
  '007',
  '321',
]
const YEARS = Array.from({ length: 51 }, (_, index) => String(1980 + index))

const COMMON: ReadonlySet<string> = new Set([
  ...SINGLE.split(' '),
  ...STEMS.split(' ').flatMap((stem) => [stem, ...[...TAILS, ...YEARS].map((tail) => stem + tail)]),
])
