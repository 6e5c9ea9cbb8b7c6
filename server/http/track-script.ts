/**
 * What a site outside puts on its pages: `<script async src="…/track.js" data-site="osp_…"></script>`. It tells of a visit
 * with `?ref=`, keeps the proof that comes back (in a cookie of that site, for 30 days, unless its visitor says no), and
 * hands it on in links to this application and in forms. See docs/tracking.md. Below 2 kB compressed, which a test holds.
 */
export const TRACK_SCRIPT = `(function () {
  var script = document.currentScript
  if (!script || !script.dataset.site || window.offshoot) return
  var home = new URL(script.src).origin
  var name = 'offshoot_referral'
  var consent = script.dataset.consent || 'yes'
  var refuses = navigator.globalPrivacyControl || navigator.doNotTrack === '1'
  var asked = new URLSearchParams(location.search)
  // Written into a cookie: nothing but what a proof is made of.
  var proof = /^[\\w.-]{1,1000}$/.test(asked.get(name)) ? asked.get(name) : null

  function may() { return consent === 'yes' && !refuses }
  function set(value, seconds) {
    document.cookie = name + '=' + value + '; Path=/; Max-Age=' + seconds + '; SameSite=Lax' +
      (location.protocol === 'https:' ? '; Secure' : '')
  }
  function kept() {
    var found = document.cookie.match(/(?:^|; )offshoot_referral=([^;]+)/)
    return found && found[1]
  }
  function keep() { if (proof && may()) set(proof, 2592000) }
  function referral() { return proof || (may() ? kept() : null) }
  function tell() {
    return fetch(home + '/api/track/sites/' + script.dataset.site + '/clicks', {
      method: 'POST', credentials: 'omit', keepalive: true, referrerPolicy: 'origin',
      body: JSON.stringify({ ref: asked.get('ref'), page: location.href, referrer: document.referrer })
    }).then(function (answer) { return answer.ok ? answer.json() : {} })
      .then(function (said) { if (said.referral) { proof = said.referral; keep() } })
      .catch(function () {})
  }

  // A link takes the proof along: to this application always, within the site where nothing may be kept.
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[href]')
    var own = link && link.origin === location.origin
    if (!link || !referral() || !(link.origin === home || (own && !may() && !link.getAttribute('href').startsWith('#')))) return
    var url = new URL(link.href)
    url.searchParams.set(own ? name : 'referral', referral())
    link.href = url.href
  }, true)
  document.addEventListener('submit', function (event) {
    var field = event.target.elements[name]
    if (field) field.value = referral() || ''
  }, true)

  function begin() { return asked.get('ref') ? tell() : Promise.resolve(keep()) }
  window.offshoot = {
    referral: referral,
    consent: function (yes) {
      consent = yes ? 'yes' : 'no'
      if (yes) keep()
      else if (kept()) set('', 0)
    },
    ready: document.prerendering
      ? new Promise(function (done) {
          document.addEventListener('prerenderingchange', function () { begin().then(done) }, { once: true })
        })
      : begin()
  }
})()
`
