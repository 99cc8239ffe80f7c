/**
 * Which topics are kept for how long: topic pattern → days.
 *
 * The most specific pattern that matches a topic decides; what no pattern matches is bounded by the platform alone.
 */
import { Array, type Option, Schema } from "effect"
import { RetentionDays } from "../value/RetentionDays.js"
import type { TopicId } from "../value/TopicId.js"
import * as TopicPattern from "../value/TopicPattern.js"

/** One row of the matrix. */
export interface Row {
  readonly pattern: TopicPattern.TopicPattern
  readonly days: RetentionDays
}

/** The rows as they are written, `{ "genesys.conversations.*": 60, "*": 7 }`. */
export const RetentionMatrix = Schema.Record({ key: TopicPattern.TopicPattern, value: RetentionDays }).annotations({
  identifier: "RetentionMatrix",
  description: "topic pattern → days; the most specific pattern wins"
})

/** See {@link RetentionMatrix}. */
export type RetentionMatrix = typeof RetentionMatrix.Type

/** A matrix with its rows in the order in which they are asked. */
export interface Compiled {
  readonly rows: ReadonlyArray<Row>
}

/** Sorts the rows, most specific first, once for many look-ups. */
export const compile = (matrix: RetentionMatrix): Compiled => ({
  rows: Array.sortWith(
    Object.entries(matrix).map(([pattern, days]) => ({ pattern: TopicPattern.TopicPattern.make(pattern), days })),
    (row) => row.pattern,
    TopicPattern.bySpecificity
  )
})

/** The row that decides for `topic`; none where no pattern matches. */
export const rowFor = (matrix: Compiled, topic: TopicId): Option.Option<Row> =>
  Array.findFirst(matrix.rows, (row) => TopicPattern.matches(row.pattern, topic))

/** A matrix without rows: the platform's maximum alone bounds every topic. */
export const empty: RetentionMatrix = {}
