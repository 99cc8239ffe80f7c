/** Ranges of IP addresses as `10.0.0.0/24` or `2001:db8::/32`. */
interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

const ipv4 = (text: string): bigint | undefined => {
  const parts = text.split(".")
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((all, part) => all * 256n + BigInt(part), 0n)
}

const ipv6 = (text: string): bigint | undefined => {
  const [head = "", tail, ...more] = text.split("::")
  if (more.length > 0) return undefined
  const groups = (side: string | undefined) => (side === undefined || side === "" ? [] : side.split(":"))
  const front = groups(head)
  const back = groups(tail)
  const left = 8 - front.length - back.length
  if (tail === undefined ? left !== 0 : left < 1) return undefined
  const all = [...front, ...Array.from({ length: left }, () => "0"), ...back]
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

const addressOf = (text: string): Address | undefined => {
  const four = ipv4(text)
  if (four !== undefined) return { bits: 32, value: four }
  const six = ipv6(text)
  return six === undefined ? undefined : { bits: 128, value: six }
}

/** Whether a text is an address of a range; none where the range is no range. */
export const parse = (range: string): ((text: string) => boolean) | undefined => {
  const [text = "", length = "", ...more] = range.split("/")
  const network = addressOf(text)
  const bits = Number(length)
  if (network === undefined || more.length > 0 || !/^\d{1,3}$/.test(length) || bits > network.bits) return undefined
  const shift = BigInt(network.bits - bits)
  return (candidate) => {
    const address = addressOf(candidate)
    return address?.bits === network.bits && address.value >> shift === network.value >> shift
  }
}
