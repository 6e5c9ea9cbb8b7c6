/** An IBAN as written, with or without spaces → in one piece, or null when its form or checksum (ISO 7064) is wrong. */
export const readIban = (text: string): string | null => {
  const iban = text.replaceAll(/[ \u00a0-]/g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return null
  return remainder(iban.slice(4) + iban.slice(0, 4)) === 1 ? iban : null
}

/** Modulo 97 of the digits, letters counting from A = 10. */
const remainder = (text: string): number =>
  [...text].reduce((rest, sign) => {
    const value = Number.parseInt(sign, 36)
    return (rest * (value > 9 ? 100 : 10) + value) % 97
  }, 0)
