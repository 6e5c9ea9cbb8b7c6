/** A workspace document of the given size, whose pages link to one another around each funnel and across. */
export const workspaceDocument = (name: string, funnels: number, pagesPerFunnel: number) => ({
  format: 'offshoot.workspace/1',
  name,
  description: `Everything about ${name}`,
  image: null,
  settings: { language: 'en' },
  themes: [{ key: 't1', name: 'Night', tokens: { accent: '#1f5f4a' } }],
  roleTemplates: [{ name: 'Editor', permissions: { 'pages.edit': true } }],
  funnels: Array.from({ length: funnels }, (_f, f) => ({
    name: `Funnel ${f + 1}`,
    slug: `funnel-${f + 1}`,
    status: 'LIVE',
    theme: 't1',
    settings: { cookieConsent: true },
    tracking: { googleAnalyticsId: `G-${f}`, metaPixelId: `98${f}` },
    passwordProtected: f === 0,
    pages: Array.from({ length: pagesPerFunnel }, (_p, p) => {
      const number = f * pagesPerFunnel + p
      const total = funnels * pagesPerFunnel
      return {
        key: `page-${number}`,
        name: `Page ${p + 1}`,
        slug: `page-${p + 1}`,
        type: 'PAGE',
        seo: { title: `Page ${number}` },
        content: {
          root: {},
          content: [
            { type: 'Heading', props: { id: `h${number}`, text: `This is page ${number} of ${name}` } },
            {
              type: 'Button',
              props: { id: `b${number}`, label: 'Next', href: `page:page-${(number + 1) % total}` },
            },
            { type: 'Button', props: { id: `w${number}`, label: 'Web', href: 'https://example.com/' } },
          ],
        },
      }
    }),
  })),
})
