export interface PageSettings {
  readonly name: string
  readonly slug: string
  readonly type: 'PAGE' | 'RESULT'
}

export interface PageSeo {
  readonly title: string
  readonly description: string
  readonly ogImage: string
  readonly noIndex: boolean
}

/** A page as it is edited, and as it is saved. */
export interface EditedPage {
  readonly content: Readonly<Record<string, unknown>>
  readonly page: PageSettings
  readonly seo: PageSeo
}

/** What the fields of `seo` say; members they do not know are left to the server, which keeps them. */
export const readSeo = (seo: Readonly<Record<string, unknown>>): PageSeo => {
  const text = (...names: readonly string[]) =>
    names.map((name) => seo[name]).find((value) => typeof value === 'string') ?? ''
  return {
    title: String(text('title')),
    description: String(text('description')),
    ogImage: String(text('ogImage')),
    noIndex: seo.noIndex === true || seo.noindex === true,
  }
}
