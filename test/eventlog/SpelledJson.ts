/** JSON values, written in any of the ways in which JSON allows to write them. */
import { FastCheck } from "effect"

/** Whole numbers from 0 to below `most`, in a row that is drawn once. */
export interface Dice {
  readonly roll: (most: number) => number
}

export const dice: FastCheck.Arbitrary<Dice> = FastCheck.infiniteStream(FastCheck.nat(1_000_000)).map((stream) => ({
  roll: (most) => {
    const { value = 0 } = stream.next()
    return Number(value) % most
  }
}))

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t"
}

const escaped = (unit: string, { roll }: Dice): string => {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, "0")
  return `\\u${roll(2) === 0 ? hex : hex.toUpperCase()}`
}

const isHalf = (unit: string): boolean => unit >= "\ud800" && unit <= "\udfff"

/** One character may be written as itself, by its short escape, or by the code of each of its units. */
const spellText = (text: string, dice: Dice, plain: boolean): string => {
  const spelled = Array.from(text, (character) => {
    const mustBeEscaped =
      character < " " || character === '"' || character === "\\" || (character.length === 1 && isHalf(character))
    const short = shortEscapes[character]
    const way = plain ? 0 : dice.roll(6)
    if (short !== undefined && (way === 1 || (mustBeEscaped && way !== 2))) return short
    return mustBeEscaped || way === 2
      ? character
          .split("")
          .map((unit) => escaped(unit, dice))
          .join("")
      : character
  })
  return `"${spelled.join("")}"`
}

const spellNumber = (value: number, { roll }: Dice, plain: boolean): string => {
  const text = JSON.stringify(value)
  if (plain || !Number.isFinite(value)) return Number.isFinite(value) ? text : value < 0 ? "-1e999" : "1e999"
  const spellings = [
    text,
    value.toExponential(),
    value.toExponential(20),
    `${text}${/[.e]/.test(text) ? "" : ".0"}`,
    `${text}${/[eE]/.test(text) ? "" : "E0"}`
  ]
  if (value === 0) spellings.push("-0", "0.000", "0e-7", "-0.0E+5")
  if (value !== 0 && Number.isInteger(value) && Math.abs(value) < 1e15)
    spellings.push(`${value}00e-2`, `${value / 10}e1`.includes(".") ? `${value}e+0` : text)
  const chosen = spellings[roll(spellings.length)] ?? text
  return Object.is(Number(chosen), value) || Number(chosen) === value ? chosen : text
}

/** Writes `value`; `plain` as most programs do, else in any way: with white space, members in any order, escapes, other spellings. */
export const spell = (value: unknown, dice: Dice, plain = false): string => {
  const space = (): string => (plain ? "" : (["", "", " ", "\t", " \r "][dice.roll(5)] ?? ""))
  if (Array.isArray(value)) {
    return `[${space()}${value.map((one) => spell(one, dice, plain)).join(`${space()},${space()}`)}${space()}]`
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) =>
        `${spellText(key, dice, plain || dice.roll(4) > 0)}${space()}:${space()}${spell(member, dice, plain)}`
    )
    if (!plain) {
      for (let at = members.length - 1; at > 0; at--) {
        const other = dice.roll(at + 1)
        const held = members[at] ?? ""
        members[at] = members[other] ?? ""
        members[other] = held
      }
    }
    return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`
  }
  if (typeof value === "string") return spellText(value, dice, plain)
  if (typeof value === "number") return spellNumber(value, dice, plain)
  return JSON.stringify(value)
}

const text = FastCheck.oneof(
  FastCheck.string({ maxLength: 12 }),
  FastCheck.string({ unit: "binary", maxLength: 6 }),
  FastCheck.constantFrom(
    "",
    '"',
    "\\",
    "\u0000",
    "a\u0000",
    "\ud800",
    "\udc00\ud800",
    "😀",
    "größer €",
    "f11fc8de-3eb4-49c8-8f8d-e0e973e1d036",
    "x".repeat(15),
    "x".repeat(16),
    "x".repeat(127),
    "x".repeat(128),
    "y".repeat(500)
  )
)

const number = FastCheck.oneof(
  FastCheck.integer(),
  FastCheck.double({ noNaN: true }),
  FastCheck.constantFrom(
    0,
    -0,
    1,
    -1,
    0.1,
    0.30000000000000004,
    1.5,
    5e-324,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    Number.POSITIVE_INFINITY,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 53 + 2,
    1e15,
    1e21,
    1e22,
    1e23,
    123456789012345680000,
    1762768866010
  )
)

const key = FastCheck.oneof(
  FastCheck.constantFrom("a", "b", "c", "eventTime", "conversationId", "__proto__", "", "0", "1", "é", "attributes"),
  text
)

/** Any JSON value, small. */
export const value: FastCheck.Arbitrary<unknown> = FastCheck.letrec<{ value: unknown }>((tie) => ({
  value: FastCheck.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    number,
    FastCheck.constantFrom(true, false, null),
    FastCheck.array(tie("value"), { maxLength: 4 }),
    FastCheck.array(FastCheck.tuple(key, tie("value")), { maxLength: 5 }).map((members) => {
      const object: Record<string, unknown> = {}
      for (const [name, member] of members)
        Object.defineProperty(object, name, { value: member, enumerable: true, configurable: true, writable: true })
      return object
    })
  )
})).value
