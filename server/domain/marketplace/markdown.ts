import MarkdownIt from 'markdown-it'

/** Without HTML of its own, and without pictures: what is shown from elsewhere tells others who looked. */
const markdown = new MarkdownIt('commonmark', { html: false, linkify: false, breaks: true })
  .enable(['table', 'strikethrough'])
  .disable(['image', 'html_inline', 'html_block'])

// The page has its title already: headings begin below those of its sections.
markdown.core.ruler.push('lower_headings', ({ tokens }) => {
  for (const token of tokens)
    if (token.type === 'heading_open' || token.type === 'heading_close')
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 2)}`
})

markdown.renderer.rules.link_open = (tokens, at, options, _env, renderer) => {
  // A link in somebody's text is theirs, not ours to recommend.
  tokens[at]?.attrSet('rel', 'nofollow ugc noopener')
  return renderer.renderToken(tokens, at, options)
}

/** Links lead to web pages and mailboxes only. */
markdown.validateLink = (address) => /^(https?:\/\/|mailto:)/i.test(address.trim())

/** Markdown that somebody wrote → HTML that is safe to show: no scripts, no styles, no pictures, no frames. */
export const toHtml = (text: string): string => markdown.render(text)
