import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

export interface PageVariables {
  /** Of this answer's styles, if whoever mounts the pages has one. */
  nonce?: string
}

/** A whole page; everything put into it is escaped. */
export const page = (title: string, nonce: string | undefined, content: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${nonce === undefined ? raw(`<style>${STYLE}</style>`) : html`<style nonce="${nonce}">${raw(STYLE)}</style>`}
</head>
<body>
<header class="banner"><strong>Sandbox.</strong> No money moves here.</header>
<main>${content}</main>
</body>
</html>`

const STYLE = `
:root{--ink:#1c2430;--soft:#5a6675;--line:#d5dbe3;--paper:#fff;--ground:#f3f5f8;--act:#1d4ed8;--on-act:#fff;--bad:#a3121f;--bad-bg:#fdecee}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf4;--soft:#a3b0c0;--line:#384454;--paper:#1a212b;--ground:#10151c;--act:#7da7ff;--on-act:#0b1220;--bad:#ffb3ba;--bad-bg:#3a1a1f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
.banner{margin:0;padding:.5rem 1rem;text-align:center;background:#f5c451;color:#2b2000}
main{max-width:58rem;margin:0 auto;padding:1.5rem 1rem 4rem}
.checkout{display:grid;gap:1.5rem}
@media (min-width:48rem){.checkout{grid-template-columns:1fr 1fr;gap:3rem;padding-top:2rem}}
h1{font-size:1.15rem;font-weight:600;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
.price{font-size:2.2rem;font-weight:700;line-height:1.2;margin:.25rem 0}
.soft{color:var(--soft)}
.card{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}
.card+.card{margin-top:1rem}
.card>h2:first-child{margin-top:0}
.narrow{max-width:32rem;margin:2rem auto 0}
label{display:block;font-weight:600;margin:0 0 .25rem}
.field{margin:0 0 1rem}
.row{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
input,select{width:100%;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:.5rem;padding:.6rem .7rem;min-height:2.75rem}
input:focus-visible,select:focus-visible,button:focus-visible,a:focus-visible,summary:focus-visible{outline:3px solid var(--act);outline-offset:2px}
button,.button{display:inline-block;font:inherit;font-weight:600;text-align:center;text-decoration:none;border:1px solid var(--act);border-radius:.5rem;padding:.6rem 1rem;min-height:2.75rem;cursor:pointer;background:var(--act);color:var(--on-act)}
button.wide{width:100%}
button.plain{background:transparent;color:var(--act)}
a{color:var(--act)}
.error{background:var(--bad-bg);color:var(--bad);border:1px solid var(--bad);border-radius:.5rem;padding:.75rem 1rem;margin:0 0 1rem}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1rem}
.back{margin:1rem 0 0;text-align:center}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
td button{min-height:2rem;padding:.2rem .6rem}
code{overflow-wrap:anywhere;font:0.85em ui-monospace,Menlo,Consolas,monospace}
dl.cards{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:.75rem 0 0;font-size:.9rem}
dl.cards dd{margin:0}
summary{cursor:pointer;margin-top:1rem}
`
