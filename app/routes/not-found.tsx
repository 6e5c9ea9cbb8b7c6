import { json } from '@remix-run/node'

/** Every address without a page: the 404 of the error boundary, for whatever method. */
export const loader = () => {
  throw json({ code: 'NOT_FOUND', message: 'There is nothing here.' }, { status: 404 })
}
export const action = loader

const NotFound = () => null
export default NotFound
