export { countVisits } from './count-visits'
export { exportSubmissions, listSubmissions } from './list-submissions'
export {
  type PublishedPage,
  previewTree,
  publishedAddress,
  readForPreview,
  readPublished,
  readPublishedContent,
} from './read-published'
export { submitForm } from './submit-form'
