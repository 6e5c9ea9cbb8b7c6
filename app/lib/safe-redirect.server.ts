export { safeRedirect } from '../../server/kit/safe-redirect'
