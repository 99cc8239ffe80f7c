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

/** Whether a log begins with a bracket and a brace: then it is an array, and no lines. */
export const isArray = (bytes: Uint8Array): boolean =>
  /^(?:\u00ef\u00bb\u00bf)?[ \t\r\n]*\[[ \t\r\n]*\{/.test(Buffer.from(bytes).toString("latin1"))

/** A log: lines that end in a line feed or in both, the last one perhaps in neither, perhaps a mark at the start. */
export const log: FastCheck.Arbitrary<Uint8Array> = FastCheck.tuple(
  FastCheck.array(FastCheck.tuple(line, FastCheck.boolean()), { maxLength: 25 }),
  FastCheck.boolean(),
  FastCheck.integer({ min: 0, max: 5 })
)
  .map(([lines, endless, marked]) => {
    const bytes = lines.flatMap(([text, crlf]) => [...text, ...(crlf ? [13, 10] : [10])])
    return Uint8Array.from([...(marked === 0 ? [0xef, 0xbb, 0xbf] : []), ...(endless ? bytes.slice(0, -1) : bytes)])
  })
  .filter((bytes) => !isArray(bytes))

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

/** The events of a log, and the lines that are rejected. */
export const read = (
  log: Uint8Array
): { readonly events: ReadonlyArray<Event>; readonly rejected: ReadonlyArray<number> } => {
  const events: Array<Event> = []
  const rejected: Array<number> = []
  const bytes = Buffer.from(log)
  let number = 0
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from)
    const to = end === -1 ? bytes.length : end
    number++
    const event = understood(bytes.subarray(from, to))
    if (event === "rejected") rejected.push(number)
    else if (event !== undefined) events.push(event)
    from = to + 1
  }
  return { events, rejected }
}
