/** ISO 8601 text with a zone, read into milliseconds since 1970 UTC. Loads nothing, so that threads which read events may use it. */

const shape = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?([Zz]|[+-]\d{2}(?::?\d{2})?)$/

/** 0000-01-01T00:00:00.000Z: no earlier instant has a year of four digits. */
export const firstMs = -62_167_219_200_000
/** 9999-12-31T23:59:59.999Z: no later instant has a year of four digits. */
export const lastMs = 253_402_300_799_999

const dayMs = 86_400_000

const offsetMs = (zone: string): number => {
  if (zone === "Z" || zone === "z") return 0
  const sign = zone.startsWith("-") ? -1 : 1
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0")
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const daysOfMonth = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31

/** Days from 1970-01-01 on in the Gregorian calendar, with years that begin in March so that the leap day comes last. */
const daysSince1970 = (year: number, month: number, day: number): number => {
  const marchYear = month > 2 ? year : year - 1
  const monthsSinceMarch = (month + 9) % 12
  const leaps = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return 365 * marchYear + leaps + Math.floor((153 * monthsSinceMarch + 2) / 5) + day - 1 - 719_468
}

/**
 * The instant that `text` names. Undefined for anything else than ISO 8601 with a zone: no zone, a date that does not exist, an hour past
 * 23, a year beyond 0 to 9999 in UTC. Digits past the millisecond are dropped.
 */
export const toMs = (text: string): number | undefined => {
  const match = shape.exec(text)
  if (match === null) return undefined
  const { 7: fraction = "", 8: zone = "Z" } = match
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month)
  if (!exists || hour > 23 || minute > 59 || second > 59) return undefined
  const offset = offsetMs(zone)
  if (Math.abs(offset) >= dayMs) return undefined
  const ofDay = ((hour * 60 + minute) * 60 + second) * 1_000 + Number(fraction.slice(0, 3).padEnd(3, "0"))
  const ms = daysSince1970(year, month, day) * dayMs + ofDay - offset
  return ms < firstMs || ms > lastMs ? undefined : ms
}
