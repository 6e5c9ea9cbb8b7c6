export { type Activity, recordActivity } from './record-activity'
