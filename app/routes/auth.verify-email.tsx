import { type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { paths } from '~/lib/paths'

/** The address that people know, for the one that confirms. */
export const loader = ({ request }: LoaderFunctionArgs) =>
  redirect(paths.apiVerifyEmail(new URL(request.url).searchParams.get('token') ?? ''))
