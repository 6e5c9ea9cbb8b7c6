import type { MailText } from './templates'

/** The same words twice: readable as text, and laid out for a mail program. Everything but our own markup is escaped. */
export const layOut = (mail: MailText, footer?: Footer): { text: string; html: string } => ({
  text: asText(mail, footer),
  html: asHtml(mail, footer),
})

/** How one gets no more of these. */
interface Footer {
  readonly about: string
  readonly unsubscribeUrl: string
}

const asText = (mail: MailText, footer: Footer | undefined): string =>
  [
    mail.greeting,
    ...mail.paragraphs,
    ...(mail.facts ? [mail.facts.map(([label, value]) => `${label}: ${value}`).join('\n')] : []),
    ...(mail.action ? [`${mail.action.label}:\n${mail.action.url}`] : []),
    ...(mail.after ?? []),
    'Offshoot',
    ...(footer ? [`${footer.about} No more mails like this: ${footer.unsubscribeUrl}`] : []),
  ].join('\n\n')

const asHtml = (mail: MailText, footer: Footer | undefined): string => {
  const paragraph = (text: string) => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`
  const facts = mail.facts
    ? `<table role="presentation" style="border-collapse:collapse;margin:0 0 16px">${mail.facts
        .map(
          ([label, value]) =>
            `<tr><td style="padding:4px 16px 4px 0;color:#5b6270;vertical-align:top">${escapeHtml(label)}</td><td style="padding:4px 0">${escapeHtml(value)}</td></tr>`,
        )
        .join('')}</table>`
    : ''
  const action = mail.action
    ? `<p style="margin:24px 0"><a href="${escapeHtml(mail.action.url)}" style="background:#1f5f4a;color:#ffffff;padding:12px 20px;border-radius:8px;text-decoration:none;font-weight:600">${escapeHtml(mail.action.label)}</a></p>`
    : ''
  const end = footer
    ? `<p style="margin:16px 0 0;color:#5b6270;font-size:13px">${escapeHtml(footer.about)} <a href="${escapeHtml(footer.unsubscribeUrl)}" style="color:#5b6270">No more mails like this</a></p>`
    : ''
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(mail.subject)}</title></head><body style="margin:0;background:#f5f6f7;color:#17191d;font:16px/1.5 system-ui,sans-serif"><div style="max-width:560px;margin:0 auto;padding:32px 24px;background:#ffffff">${[mail.greeting, ...mail.paragraphs].map(paragraph).join('')}${facts}${action}${(mail.after ?? []).map(paragraph).join('')}<p style="margin:32px 0 0;color:#5b6270">Offshoot</p>${end}</div></body></html>`
}

const escapeHtml = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character] ?? '',
  )
