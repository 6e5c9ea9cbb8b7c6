export { countVisits } from './count-visits'
export {
  type PublishedPage,
  publishedAddress,
  readPublished,
  readPublishedContent,
} from './read-published'
