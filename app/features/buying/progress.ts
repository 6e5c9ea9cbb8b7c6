/** Milliseconds between two looks at an order. */
export const LOOK_EVERY = 1_500
/** Seconds between two loads of the page where no scripts run. */
export const RELOAD_EVERY = 3
/** Looks after which the page says where to look instead. */
export const MOST_LOOKS = 60
export const MOST_RELOADS = 30

/** ann@example.com → 'a•••@example.com': who bought recognises it, who looks over a shoulder does not. */
export const maskedEmail = (email: string): string => {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at > 0 ? 1 : 0)}•••${at < 0 ? '' : email.slice(at)}`
}
