/** What can keep a whole engine from working, as opposed to one window from getting on. */
import { Schema } from "effect"
import type { StateUnavailable } from "../state/StateUnavailable.js"

/**
 * No runner of the program's workflow engine runs what is asked for in this shard group: nothing would be submitted, and whoever waits
 * would wait for ever. What was written down stands, and the next start goes on with it.
 */
export class ShardGroupUnserved extends Schema.TaggedError<ShardGroupUnserved>()("ShardGroupUnserved", {
  /** The group in which windows are to run. */
  shardGroup: Schema.String,
  /** How long it was waited for. */
  waited: Schema.DurationFromMillis
}) {
  override get message(): string {
    return `nothing runs in the shard group ${JSON.stringify(this.shardGroup)} of the workflow engine. ${this.remedy}`
  }
  /** What to do about it. */
  get remedy(): string {
    return `Name it in availableShardGroups and assignedShardGroups of a runner's ShardingConfig, or give as shardGroup one that a runner has`
  }
}

/** Why the engine of this process cannot go on. The next start goes on from what is written down. */
export type EngineError = StateUnavailable | ShardGroupUnserved
