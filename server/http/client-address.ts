/**
 * Who is at the other end, as far as it can be believed.
 * @param peer the socket's address
 * @param forwarded the header X-Forwarded-For
 * @param hops how many proxies of ours stand in front: each appended one address, so the client is that many from the right
 * @returns an IPv4 address, or the /64 of an IPv6 one (what one customer of a provider has)
 */
export const clientAddress = (peer: string, forwarded: string | null, hops: number): string => {
  const chain = (forwarded ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const address = hops > 0 ? (chain.at(-hops) ?? peer) : peer
  return subnet(address.replace(/^::ffff:(?=\d+\.)/i, ''))
}

const subnet = (address: string): string => {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined
      ? front
      : [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
