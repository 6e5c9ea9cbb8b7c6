/** Text of somebody's that the server made into HTML without anything that could do harm. Nothing else may come here. */
export const SanitizedHtml = ({ html }: { readonly html: string }) => (
  <div className="prose" dangerouslySetInnerHTML={{ __html: html }} />
)
