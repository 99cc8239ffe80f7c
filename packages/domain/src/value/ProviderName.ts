/** Who replays: Genesys Cloud itself, Amazon EventBridge from an archive, or a provider of somebody else's. */
import { Schema } from "effect"

/** The name of a provider: any text that is not empty. What ships is {@link genesys} and {@link eventbridge}. */
export const ProviderName = Schema.NonEmptyString.pipe(Schema.brand("ProviderName")).annotations({
  identifier: "ProviderName",
  description: "the name of a provider of replays"
})

/** See {@link ProviderName}. */
export type ProviderName = typeof ProviderName.Type

const Names = Schema.Literal("genesys", "eventbridge").pipe(Schema.brand("ProviderName"))

/** The name of a provider that ships. */
export type Shipped = typeof Names.Type

/** Event Streams of Genesys Cloud. */
export const genesys = Names.make("genesys")

/** StartReplay of Amazon EventBridge. */
export const eventbridge = Names.make("eventbridge")

/** The names of the providers that ship, in the order in which people are told of them. */
export const shipped: readonly [Shipped, Shipped] = [genesys, eventbridge]

/** Whose replays these ids are of, as far as ids tell: EventBridge's where all of them are ARNs, else Genesys Cloud's. */
export const ofReplayIds = (ids: ReadonlyArray<string>): Shipped =>
  ids.length > 0 && ids.every((id) => id.startsWith("arn:")) ? eventbridge : genesys
