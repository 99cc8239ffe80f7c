/** What is in a capture whose events carry no sequence index: told, as such a capture proves nothing by itself. */
import { Schema } from "effect"
import { LeftOutSource, RejectedRecord, UnreadSource } from "../sequence/SequenceReport.js"
import { Count } from "../value/Count.js"
import { Instant } from "../value/Instant.js"

/** The events of one topic. */
export const InventoryGroup = Schema.Struct({
  /** The `detail-type`; null where an event has none. */
  group: Schema.NullOr(Schema.String),
  /** Records. */
  observed: Count,
  /** Distinct events among them, by their identity. */
  unique: Count,
  /** `observed − unique`. */
  duplicates: Count,
  /** The first event time; null where no event has one. */
  from: Schema.NullOr(Instant),
  /** The last event time; null where no event has one. */
  to: Schema.NullOr(Instant)
}).annotations({ identifier: "InventoryGroup" })

/** See {@link InventoryGroup}. */
export interface InventoryGroup extends Schema.Schema.Type<typeof InventoryGroup> {}

/** The answer of `verify` where no event has an index and there is no baseline: a report of sequences without any, and what is there. */
export const InventoryReport = Schema.Struct({
  verdict: Schema.Literal("not proven"),
  isContiguous: Schema.Null,
  groups: Schema.Tuple(),
  inventory: Schema.Array(InventoryGroup),
  rejected: Schema.Struct({ count: Count, first: Schema.Array(RejectedRecord) }),
  unread: Schema.Array(UnreadSource),
  leftOut: Schema.Struct({ count: Count, first: Schema.Array(LeftOutSource) })
}).annotations({ identifier: "InventoryReport" })

/** See {@link InventoryReport}. */
export interface InventoryReport extends Schema.Schema.Type<typeof InventoryReport> {}

/** The report of what was found. */
export const make = (
  found: Pick<InventoryReport, "inventory" | "rejected" | "unread" | "leftOut">
): InventoryReport => ({ verdict: "not proven", isContiguous: null, groups: [], ...found })
