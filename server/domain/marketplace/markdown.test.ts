import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHtml } from './markdown'

describe('a description', () => {
  it('has paragraphs, lists, tables and emphasis, and its headings below those of the page', () => {
    expect(toHtml('# Title\n\nSome **bold** text\n\n- one\n- two')).toBe(
      '<h3>Title</h3>\n<p>Some <strong>bold</strong> text</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n',
    )
    expect(toHtml('| a |\n|---|\n| b |')).toContain('<table>')
    expect(toHtml('###### Deep')).toContain('<h6>')
  })

  it('has links that nobody vouches for', () => {
    expect(toHtml('[a](https://a.example)')).toBe(
      '<p><a href="https://a.example" rel="nofollow ugc noopener">a</a></p>\n',
    )
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '![a](https://a.example)',
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert(1))',
    '[a](data:text/html,<script>)',
    '[a](vbscript:x)',
    '[a](//evil.example)',
    '[a](/auth/sign-out)',
    '<iframe src="https://evil.example"></iframe>',
    '<a href="https://a.example" onclick="x()">a</a>',
    '<style>body{display:none}</style>',
    '[a]: javascript:alert(1)\n\n[a]',
    '<javascript:alert(1)>',
  ])('shows %s as text', (text) => {
    const html = toHtml(text)
    expect(html).not.toMatch(/<(script|img|iframe|style|svg|object|form|input)/i)
    expect(html).not.toMatch(/href="(?!https:\/\/a\.example")/i)
    expect(html).not.toMatch(/<[^>]*\son\w+=/i)
  })

  it('is safe whatever is written', () => {
    const part = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '[',
      ']',
      '(',
      ')',
      '!',
      '`',
      'script',
      'href=',
      'on',
      ':',
      '\n',
      'a',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const tags = [...toHtml(parts.join('')).matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag)
        expect(
          tags.filter(
            (tag) =>
              !/^(p|h[1-6]|em|strong|s|code|pre|ul|ol|li|blockquote|a|br|hr|table|thead|tbody|tr|th|td)$/.test(
                tag ?? '',
              ),
          ),
        ).toEqual([])
      }),
    )
  })
})
