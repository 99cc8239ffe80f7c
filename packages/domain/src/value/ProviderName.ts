/** Who replays: Genesys Cloud itself, or Amazon EventBridge from an archive. */
import { Schema } from "effect"

/** `genesys`: Event Streams of Genesys Cloud. `eventbridge`: StartReplay of Amazon EventBridge. */
export const ProviderName = Schema.Literal("genesys", "eventbridge").annotations({
  identifier: "ProviderName",
  description: "genesys or eventbridge"
})

/** See {@link ProviderName}. */
export type ProviderName = typeof ProviderName.Type

/** Whose replays these ids are of, as far as ids tell: EventBridge's where all of them are ARNs, else Genesys Cloud's. */
export const ofReplayIds = (ids: ReadonlyArray<string>): ProviderName =>
  ids.length > 0 && ids.every((id) => id.startsWith("arn:")) ? "eventbridge" : "genesys"
