/** A stream of the platform as the replay that it is. */
import { type EventStream, ProviderName, type Replay } from "@genesys-replay/domain"
import { Option, Predicate } from "effect"

const textAt = (value: unknown, ...path: ReadonlyArray<string>): Option.Option<string> => {
  const found = path.reduce<unknown>((at, key) => (Predicate.hasProperty(at, key) ? at[key] : undefined), value)
  return Predicate.isString(found) ? Option.some(found) : Option.none()
}

const present = <const Key extends string, A>(key: Key, value: Option.Option<A>): { readonly [K in Key]?: A } => {
  const none: { readonly [K in Key]?: A } = {}
  return Option.match(value, { onNone: () => none, onSome: (some) => ({ ...none, [key]: some }) })
}

/** Nothing that the platform leaves out is invented; a stream without `replay` is `PENDING`. */
export const toReplay = (stream: EventStream.EventStream): Replay.Replay => ({
  id: stream.id,
  name: stream.name,
  provider: ProviderName.genesys,
  progress: stream.replay ?? { state: "PENDING" },
  topics: stream.filters?.topics ?? [],
  ...present("start", Option.fromNullable(stream.replayConfig?.startDate)),
  ...present("retentionDays", Option.fromNullable(stream.retentionDays)),
  ...present("destination", textAt(stream.destination, "eventBridgeConfig", "arn")),
  ...present("dateCreated", Option.fromNullable(stream.dateCreated))
})
