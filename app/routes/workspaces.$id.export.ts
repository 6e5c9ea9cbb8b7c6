import type { LoaderFunctionArgs } from '@remix-run/node'
import { load } from '~/lib/api.server'

/** The workspace as a document to keep. */
export const loader = async (args: LoaderFunctionArgs) => {
  const document = await load(args, (api) => api.workspace.export({ id: args.params.id ?? '' }))
  const name = `${document.slug}.workspace.json`
  // Slugs are of any script; headers are not, and say so in a second name (RFC 6266).
  const plain = name.replace(/[^\w.-]/g, '_')
  return new Response(JSON.stringify(document), {
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`,
      'Cache-Control': 'private, no-store',
    },
  })
}
