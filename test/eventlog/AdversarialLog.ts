/** Logs made to be misread, and what they say, found the slow and obvious way. */
import { FastCheck } from "effect"

const encoder = new TextEncoder()

const index = FastCheck.oneof(
  FastCheck.nat(30).map(String),
  FastCheck.constantFrom(
    "0",
    "-0",
    "-1",
    "1.0",
    "1e1",
    "10E-1",
    "1.5",
    "9007199254740991",
    "9007199254740992",
    "1e400",
    "true",
    "null",
    '"7"',
    "[7]",
    '{"sequenceIndex":7}',
    "007",
    "+7",
    "0x7",
    "NaN",
    ""
  )
)

const key = FastCheck.constantFrom(
  '"sequenceIndex"',
  '"sequenceIndex"',
  '"sequenceIndex"',
  '"sequence\\u0049ndex"',
  '"\\u0073equenceIndex"',
  '"sequenceindex"',
  '"sequenceIndex "',
  '"__proto__"'
)

/** Space where JSON allows it. */
const space = FastCheck.constantFrom("", "", "", " ", "\t", " \r ", "  ")

const decoy = FastCheck.constantFrom(
  '"a":"\\"sequenceIndex\\":99"',
  '"b":"detail\\\\"',
  '"eventBody":{"sequenceIndex":98,"detail":{"sequenceIndex":97}}',
  '"list":[{"detail":{"sequenceIndex":96}},"}","{","\\\\\\""]',
  '"text":"\\u2028 \\ud83d\\ude00 é 日本 \\ud800"',
  '"timestamp":"2024-01-15T08:00:01.123Z"',
  '"timestamp":17',
  '"detail":{"sequenceIndex":95}',
  '"":{}'
)

const joined = (parts: ReadonlyArray<string>): string => parts.join(",")

const detail = FastCheck.tuple(
  FastCheck.array(decoy, { maxLength: 2 }),
  FastCheck.array(FastCheck.tuple(key, space, space, index), { minLength: 0, maxLength: 2 }),
  FastCheck.array(decoy, { maxLength: 2 })
).map(
  ([before, indices, after]) =>
    `{${joined([...before, ...indices.map(([name, left, right, value]) => `${name}${left}:${right}${value}`), ...after])}}`
)

const top = FastCheck.oneof(
  { weight: 6, arbitrary: detail.map((inner) => `"detail":${inner}`) },
  { weight: 1, arbitrary: detail.map((inner) => `"\\u0064etail" : ${inner}`) },
  { weight: 1, arbitrary: FastCheck.constantFrom('"detail":null', '"detail":[]', '"detail":"x"') },
  {
    weight: 3,
    arbitrary: FastCheck.constantFrom(
      '"replay-name":"outage"',
      '"replay-name":"outage"',
      '"replay\\u002dname":"other"',
      '"replay-name":null',
      '"replay-name":7',
      '"replay-name":"7"',
      '"replay-name":{"a":1}',
      '"replay-name":""',
      '"replay-name":"__proto__"'
    )
  },
  { weight: 1, arbitrary: FastCheck.constantFrom('"time":"2024-01-15T08:00:02Z"', '"time":null') },
  { weight: 1, arbitrary: decoy }
)

const plain = FastCheck.tuple(FastCheck.nat(40), FastCheck.constantFrom("", ',"replay-name":"outage"')).map(
  ([at, group]) => `{"detail":{"timestamp":"2024-01-15T08:00:${at}Z","sequenceIndex":${at}}${group}}`
)

const record = FastCheck.oneof(
  // Files that were strung together have marks between their records.
  { weight: 1, arbitrary: plain.map((text) => `\ufeff${text}`) },
  { weight: 4, arbitrary: plain },
  { weight: 6, arbitrary: FastCheck.array(top, { maxLength: 5 }).map((parts) => `{${joined(parts)}}`) },
  {
    weight: 2,
    arbitrary: FastCheck.constantFrom(
      "",
      " ",
      "\t",
      "\r",
      "{}",
      "[]",
      "null",
      '"text"',
      "12",
      "nonsense",
      "{",
      "}",
      "\ufeff{}",
      "\u0000"
    )
  }
)

const line: FastCheck.Arbitrary<ReadonlyArray<number>> = FastCheck.tuple(
  record,
  space,
  FastCheck.integer({ min: 0, max: 30 }),
  FastCheck.nat(1_000)
).map(([text, around, harm, at]) => {
  const bytes = [...encoder.encode(around + text + around)]
  if (harm === 0) return bytes.slice(0, at % (bytes.length + 1))
  // A byte that no UTF-8 text has, and one that begins a character that does not follow.
  if (harm === 1) bytes.splice(at % (bytes.length + 1), 0, 0xff)
  if (harm === 2) bytes.splice(at % (bytes.length + 1), 0, 0xc3)
  return bytes.filter((byte) => byte !== 10)
})

/**
 * A log: lines that end in a line feed or in both, the last one perhaps in neither, perhaps a mark at the start. No array begins in it.
 */
export const log: FastCheck.Arbitrary<Uint8Array> = FastCheck.tuple(
  FastCheck.array(FastCheck.tuple(line, FastCheck.boolean()), { maxLength: 25 }),
  FastCheck.boolean(),
  FastCheck.integer({ min: 0, max: 5 })
)
  .map(([lines, endless, marked]) => {
    const bytes = lines.flatMap(([text, crlf]) => [...text, ...(crlf ? [13, 10] : [10])])
    return Uint8Array.from([...(marked === 0 ? [0xef, 0xbb, 0xbf] : []), ...(endless ? bytes.slice(0, -1) : bytes)])
  })
  .filter((bytes) => stretches(bytes) !== undefined)

/** Cuts `bytes` into chunks of the sizes in `sizes`, over and over. */
export const chunked = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  for (let from = 0, at = 0; from < bytes.length; at++) {
    const to = from + (sizes[at % sizes.length] ?? 1)
    chunks.push(bytes.slice(from, to))
    from = to
  }
  return chunks
}

/** An event as it should be understood. */
export interface Event {
  readonly group: string | null
  readonly index: number
  readonly time: string | undefined
}

const own = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined

const textOr = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const understood = (bytes: Buffer): Event | "rejected" | undefined => {
  const text = bytes.toString("utf8")
  if (Buffer.compare(Buffer.from(text, "utf8"), bytes) !== 0) return "rejected"
  const unmarked = text.replace(/^[ \t\r\ufeff]+|[ \t\r\ufeff]+$/g, "")
  if (unmarked === "") return undefined
  try {
    const value: unknown = JSON.parse(unmarked)
    const inner = own(value, "detail")
    const at = own(inner, "sequenceIndex")
    if (typeof at !== "number" || !Number.isSafeInteger(at) || at < 0) return "rejected"
    const name = own(value, "replay-name") ?? null
    return {
      group: name === null || typeof name === "string" ? name : JSON.stringify(name),
      index: at,
      time: textOr(own(inner, "timestamp")) ?? textOr(own(value, "time"))
    }
  } catch {
    return "rejected"
  }
}

/** The bytes as a text, where they are one; a byte order mark stays in it. */
const textOf = (bytes: Buffer): string | undefined => {
  const text = bytes.toString("utf8")
  return Buffer.compare(Buffer.from(text, "utf8"), bytes) === 0 ? text : undefined
}

const isJson = (text: string | undefined): boolean => {
  if (text === undefined || !/[}\]][ \t\r]*$/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether a text may go on to be JSON: what is open in it closed, with or without something before. */
const mayGoOn = (text: string): boolean => {
  const open: Array<string> = []
  for (const [token] of text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""').matchAll(/[[\]{}]/g)) {
    if (token === "{" || token === "[") open.unshift(token === "{" ? "}" : "]")
    else open.shift()
  }
  return open.length > 0 && ["", '"a":0', "0", ":0"].some((rest) => isJson(`${text}${rest}${open.join("")}`))
}

/** Where the object ends that begins at `from`; undefined where none does. */
const objectEnd = (bytes: Buffer, from: number): number | undefined => {
  let at = from
  for (;;) {
    const line = bytes.indexOf("\n", at)
    const lineEnd = line === -1 ? bytes.length : line
    const candidates: Array<number> = []
    for (let end = bytes.indexOf("}", at) + 1; end > 0 && end <= lineEnd; end = bytes.indexOf("}", end) + 1)
      candidates.push(end)
    // Mostly it is the last one.
    const last = candidates.at(-1)
    if (last !== undefined && isJson(textOf(bytes.subarray(from, last)))) return last
    const found = candidates.find((end) => isJson(textOf(bytes.subarray(from, end))))
    if (found !== undefined) return found
    const text = textOf(bytes.subarray(from, lineEnd))
    if (line === -1 || text === undefined || !mayGoOn(`${text}\n`)) return undefined
    at = line + 1
  }
}

/** A record: its first line, from 1, and its bytes. */
export interface Stretch {
  readonly line: number
  readonly bytes: Buffer
  /** Whether it is broken, and not on its first line. */
  readonly isBrokenOverLines: boolean
}

/**
 * The records of a log, found the slow and obvious way: an object ends where it ends, whatever lines it goes over; anything else, and
 * what something else than an object or an array follows, is the rest of its line. Where that could have gone on behind the line, the lines
 * belong to it that are indented deeper, or begin like the middle of an object. Undefined where an array begins.
 */
export const stretches = (log: Uint8Array): ReadonlyArray<Stretch> | undefined => {
  const bytes = Buffer.from(log)
  const found: Array<Stretch> = []
  const startsMarked = bytes.subarray(0, 3).equals(Buffer.from("\ufeff"))
  const character = (at: number): string => (at < bytes.length ? String.fromCharCode(bytes[at] ?? 0) : "\n")
  const past = (from: number, spaces: string): number => {
    let at = from
    for (;;) {
      if (bytes.subarray(at, at + 3).equals(Buffer.from("\ufeff"))) at += 3
      else if (at < bytes.length && spaces.includes(character(at))) at++
      else return at
    }
  }
  const lineEnd = (at: number): number => {
    const end = bytes.indexOf("\n", at)
    return end === -1 ? bytes.length : end
  }
  const feedsIn = (start: number, end: number): number =>
    bytes.subarray(start, end).filter((byte) => byte === 10).length
  const indentation = (at: number): number => {
    const start = bytes.subarray(0, at).lastIndexOf(10) + 1
    const mark = start === 0 && startsMarked ? 3 : 0
    return /^[ \t\r]*/.exec(bytes.toString("latin1", start + mark, lineEnd(at)))?.[0].length ?? 0
  }
  let line = 1
  let counted = 0
  for (let from = startsMarked ? 3 : 0; ; ) {
    const at = past(from, " \t\r\n")
    if (at >= bytes.length) return found
    if (character(at) === "[" && character(past(at + 1, " \t\r\n")) === "{") return undefined
    const end = character(at) === "{" ? objectEnd(bytes, at) : undefined
    line += feedsIn(counted, at)
    counted = at
    if (end !== undefined && "\n{[".includes(character(past(end, " \t\r")))) {
      found.push({ line, bytes: bytes.subarray(at, end), isBrokenOverLines: false })
      from = end
      continue
    }
    const rest = lineEnd(at)
    const text = textOf(bytes.subarray(at, rest))
    const isBrokenOverLines =
      character(at) === "{" && (end === undefined ? text !== undefined && mayGoOn(`${text}\n`) : end > rest)
    const start = from + bytes.subarray(from, at).lastIndexOf(10) + 1
    found.push({ line, bytes: bytes.subarray(start, rest), isBrokenOverLines })
    from = rest
    while (isBrokenOverLines && from < bytes.length) {
      const next = /^\n[ \t\r]*/.exec(bytes.toString("latin1", from, lineEnd(from + 1)))?.[0].length ?? 0
      const belongs = next - 1 > indentation(at) || '}"],\n'.includes(character(from + next))
      from = belongs ? lineEnd(from + next) : from + next
      if (!belongs) break
    }
  }
}

/** The events of a log, and the lines that are rejected. */
export const read = (
  log: Uint8Array
): { readonly events: ReadonlyArray<Event>; readonly rejected: ReadonlyArray<number> } => {
  const events: Array<Event> = []
  const rejected: Array<number> = []
  for (const { bytes, isBrokenOverLines, line } of stretches(log) ?? []) {
    const event = isBrokenOverLines ? "rejected" : understood(bytes)
    if (event === "rejected") rejected.push(line)
    else if (event !== undefined) events.push(event)
  }
  return { events, rejected }
}
