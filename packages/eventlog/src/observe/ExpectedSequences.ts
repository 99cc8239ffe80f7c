/** Which indices should have come, as the provider told it: bounds for each replay, by its name. */
import { EventStream, Replay, type SequenceVerification } from "@genesys-replay/domain"
import { Array as Arr, Effect, Option, type ParseResult, Schema } from "effect"

/** `replay-name` → the first and last index of that replay. */
export type ExpectedSequences = ReadonlyMap<string, SequenceVerification.SequenceRange>

/** The document names no replay whose sequence is known: it is of another kind, or the replays have not ended. */
export class NoSequenceExpected extends Schema.TaggedError<NoSequenceExpected>()("NoSequenceExpected", {
  /** Where it came from. */
  source: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.source} tells no bounds: ${this.reason}`
  }
}

const Listed = Schema.Struct({ replays: Schema.Array(Replay.Replay) })

const Applied = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      replay: Schema.optional(Schema.Struct({ sequence: Schema.optional(EventStream.SequenceBounds) }))
    })
  )
})

type Named = readonly [name: string, bounds: EventStream.SequenceBounds | undefined]

// A stream of the platform, what `status --json` or `list --json` prints, what `apply --wait --json` prints.
const readings = (value: unknown): ReadonlyArray<Effect.Effect<ReadonlyArray<Named>, ParseResult.ParseError>> => [
  Effect.map(Schema.decodeUnknown(Listed)(value), ({ replays }) => replays.map(ofReplay)),
  Effect.map(Schema.decodeUnknown(Applied)(value), ({ results }) =>
    results.map(({ name, replay }): Named => [name, replay?.sequence])
  ),
  Effect.map(
    Schema.decodeUnknown(EventStream.EventStream)(value),
    ({ name, replay }): ReadonlyArray<Named> => [[name, replay?.sequence]]
  )
]

const ofReplay = ({ name, progress }: Replay.Replay): Named => [name, progress.sequence]

const known = (source: string, all: ReadonlyArray<Named>) => {
  const bounded = Arr.filterMap(all, ([name, bounds]) =>
    bounds === undefined ? Option.none() : Option.some([name, { start: bounds.first, end: bounds.last }] as const)
  )
  return bounded.length > 0
    ? Effect.succeed<ExpectedSequences>(new Map(bounded))
    : Effect.fail(
        new NoSequenceExpected({ source, reason: "no replay in it has a sequence yet; wait until it has ended" })
      )
}

/** The bounds of replays as a provider described them. Fails with {@link NoSequenceExpected}. */
export const ofReplays = (source: string, replays: ReadonlyArray<Replay.Replay>) => known(source, replays.map(ofReplay))

/** Reads the text of a JSON document that tells of replays; `source` names it in errors. Fails with {@link NoSequenceExpected}. */
export const fromJson = Effect.fn("ExpectedSequences.fromJson")((source: string, text: string) =>
  Schema.decode(Schema.parseJson())(text).pipe(
    Effect.flatMap((value) => Effect.firstSuccessOf(readings(value))),
    Effect.mapError(
      () =>
        new NoSequenceExpected({
          source,
          reason: "it is neither a stream nor what status, list or apply print with --json"
        })
    ),
    Effect.flatMap((all) => known(source, all))
  )
)
