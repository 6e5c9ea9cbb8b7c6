/** What a page loads of others once its visitor agreed. */
export interface Tracking {
  /** Inline scripts. */
  readonly scripts: readonly string[]
  /** Addresses of scripts. */
  readonly sources: readonly string[]
  /** Hosts they are from and speak to. */
  readonly hosts: readonly string[]
}

const GOOGLE_HOSTS = [
  'https://www.googletagmanager.com',
  'https://*.google-analytics.com',
  'https://*.analytics.google.com',
]
const META_HOSTS = ['https://connect.facebook.net', 'https://www.facebook.com']

/** The ids are checked: text of anybody's becomes part of a script only where it is one. */
export const trackingOf = (
  tracking: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): Tracking => {
  const google = googleIdOf(tracking)
  const pixel = pixelIdOf(tracking)
  const custom = customScriptOf(settings)
  return {
    sources: [
      ...(google === null ? [] : [`https://www.googletagmanager.com/gtag/js?id=${google}`]),
      ...(pixel === null ? [] : ['https://connect.facebook.net/en_US/fbevents.js']),
    ],
    scripts: [
      ...(google === null
        ? []
        : [
            `window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments)}gtag("js",new Date());gtag("config","${google}",{anonymize_ip:true})`,
          ]),
      ...(pixel === null
        ? []
        : [
            `(()=>{const n=window.fbq=function(){n.callMethod?n.callMethod.apply(n,arguments):n.queue.push(arguments)};window._fbq=n;n.push=n;n.loaded=true;n.version="2.0";n.queue=[];fbq("init","${pixel}");fbq("track","PageView")})()`,
          ]),
      ...(custom === null ? [] : [custom]),
    ],
    hosts: [...(google === null ? [] : GOOGLE_HOSTS), ...(pixel === null ? [] : META_HOSTS)],
  }
}

export const hasTracking = (
  tracking: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): boolean =>
  googleIdOf(tracking) !== null || pixelIdOf(tracking) !== null || customScriptOf(settings) !== null

const googleIdOf = ({ googleAnalyticsId }: Readonly<Record<string, string>>): string | null =>
  googleAnalyticsId !== undefined && /^(G|UA|GT|AW)-[A-Z0-9-]{3,20}$/i.test(googleAnalyticsId)
    ? googleAnalyticsId
    : null

const pixelIdOf = ({ metaPixelId }: Readonly<Record<string, string>>): string | null =>
  metaPixelId !== undefined && /^\d{3,20}$/.test(metaPixelId) ? metaPixelId : null

/** The owner's own; it cannot end the element it stands in. */
const customScriptOf = ({ customScript }: Readonly<Record<string, unknown>>): string | null =>
  typeof customScript === 'string' && customScript.trim() !== '' && !/<\/script|<!--/i.test(customScript)
    ? customScript
    : null
