export { type ActivityLine, listActivity } from './list-activity'
export { type Activity, recordActivity } from './record-activity'
