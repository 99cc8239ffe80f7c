/**
 * What makes two envelopes one event: their content, never their ids. Loads next to nothing, so that threads which read events may use it.
 *
 * Source: the contract for events. Values are equal as RFC 8785 compares them: the order of keys, white space, escapes and the spelling of
 * numbers do not count (1.0 = 1e0, -0 = 0), and of duplicate keys the last one counts, as for `JSON.parse`.
 */
import * as CanonicalJson from "../value/CanonicalJson.js"

/** A place in an envelope: the keys that lead to it from the top. */
export type Path = readonly [string, ...ReadonlyArray<string>]

/** A value that belongs to an event's identity, and where it stands. */
export interface Part {
  readonly path: Path
  readonly value: unknown
}

/** What an event's identity is made of. */
export interface Identified {
  readonly _tag: "Identified"
  readonly parts: ReadonlyArray<Part>
}

/** A record that has no identity, and why. */
export interface Unidentified {
  readonly _tag: "Unidentified"
  readonly reason: string
}

/** Where Genesys says what an event is about, and what happened. */
export const content: ReadonlyArray<Path> = [
  ["detail", "topicName"],
  ["detail", "eventBody"]
]

/** What stands for it in the envelope of an event that is not Genesys's. */
export const envelope: ReadonlyArray<Path> = [["source"], ["detail-type"], ["detail"]]

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value at `path`; undefined where there is none. Only what stands in the JSON counts, no inherited name. */
export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value)

const partsAt = (record: unknown, paths: ReadonlyArray<Path>): ReadonlyArray<Part> =>
  paths.flatMap((path) => {
    const value = valueAt(record, path)
    return value === undefined ? [] : [{ path, value }]
  })

const isWithin = (path: Path, outer: Path): boolean => outer.every((key, at) => path[at] === key)

/** The paths without those that lie within another, or come twice: what stands there belongs to the other's value. */
const outermost = (paths: ReadonlyArray<Path>): ReadonlyArray<Path> =>
  paths.filter((path, at) =>
    paths.every(
      (other, place) => place === at || !isWithin(path, other) || (path.length === other.length && at < place)
    )
  )

/** The path as it is written, with dots between keys. */
export const formatPath = (path: Path): string =>
  path.map((key) => key.replaceAll("\\", "\\\\").replaceAll(".", "\\.")).join(".")

/**
 * What the identity of a parsed record is made of: `detail.topicName` and `detail.eventBody` where both are there, else `source`,
 * `detail-type` and `detail`; with a `key`, the values at its paths instead. All of them must be there; a null is.
 */
export const of = (record: unknown, key?: ReadonlyArray<Path>): Identified | Unidentified => {
  if (!isObject(record)) return { _tag: "Unidentified", reason: "no JSON object" }
  if (key === undefined) {
    const parts = partsAt(record, content)
    if (parts.length === content.length) return { _tag: "Identified", parts }
  }
  const paths = key ?? envelope
  const missing = paths.find((path) => valueAt(record, path) === undefined)
  return missing === undefined
    ? { _tag: "Identified", parts: partsAt(record, outermost(paths)) }
    : { _tag: "Unidentified", reason: `nothing at ${formatPath(missing)}` }
}

/** See `CanonicalJson.of`. */
export const canonical: (value: unknown) => string = CanonicalJson.of

/** The identity as a text: two events are the same when theirs are equal. */
export const textOf = ({ parts }: Identified): string => canonical(parts.map(({ path, value }) => [path, value]))
