export { countVisits } from './count-visits'
export {
  type PublishedPage,
  previewTree,
  publishedAddress,
  readForPreview,
  readPublished,
  readPublishedContent,
} from './read-published'
