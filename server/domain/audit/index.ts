export { type ActivityLine, listActivity } from './list-activity'
export { mailOtherAdmins } from './mail-other-admins'
export { type Activity, recordActivity } from './record-activity'
