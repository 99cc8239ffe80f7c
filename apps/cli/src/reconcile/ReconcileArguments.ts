/** The arguments of `reconcile`, and what they mean together. */
import type { TopicPattern } from "@genesys-replay/domain"
import { type DateTime, Duration, Effect, Option } from "effect"
import { duration } from "../terminal/DurationText.js"
import * as InstantText from "../terminal/InstantText.js"
import * as TopicOption from "../terminal/TopicOption.js"
import { UsageError } from "../terminal/UsageError.js"

/** The arguments as they are typed. */
export interface ReconcileArguments {
  readonly files: ReadonlyArray<string>
  readonly start: string
  readonly end: string
  readonly topic: ReadonlyArray<string>
  readonly records: ReadonlyArray<string>
  readonly saveRecords: Option.Option<string>
  readonly tolerance: string
  readonly longestConversation: string
  readonly calibrate: Option.Option<string>
  readonly calibration: Option.Option<string>
  readonly audits: boolean
  readonly missing: Option.Option<string>
  readonly html: Option.Option<string>
  readonly maxMissing: number
  readonly all: boolean
  readonly json: boolean
}

/** What they mean. */
export interface Meaning {
  readonly window: { readonly start: DateTime.Utc; readonly end: DateTime.Utc }
  readonly topics: ReadonlyArray<TopicPattern.TopicPattern>
  readonly tolerance: Duration.Duration
  readonly longestConversation: Duration.Duration
}

/** What is meant where nothing is said. */
export const defaults = {
  tolerance: Duration.seconds(5),
  longestConversation: Duration.hours(72)
} satisfies Partial<Meaning>

const wrong = (problem: string, remedy: string) => Effect.fail(new UsageError({ problem, remedy }))

const time = (option: string, text: string, example: string) =>
  Option.match(duration(text), {
    onNone: () => wrong(`${option} ${JSON.stringify(text)} is no duration`, `${option} ${example}`),
    onSome: Effect.succeed
  })

/** Reads the arguments. Fails with {@link UsageError} where one has no meaning, or two do not go together. */
export const read = Effect.fn("ReconcileArguments.read")(function* (input: ReconcileArguments) {
  if (input.maxMissing < 0) return yield* wrong("--max-missing is less than 0", "--max-missing 10")
  if (input.records.length > 0 && Option.isSome(input.saveRecords)) {
    return yield* wrong(
      "--save-records keeps what the platform gives, and --records asks it nothing",
      "leave out either"
    )
  }
  if (Option.isSome(input.calibrate) && Option.isSome(input.calibration)) {
    return yield* wrong("--calibrate learns what --calibration would judge by", "leave out either")
  }
  const start = yield* InstantText.read("--start", input.start)
  const end = yield* InstantText.read("--end", input.end)
  const meaning: Meaning = {
    window: { start, end },
    topics: yield* Effect.forEach(input.topic, TopicOption.read),
    tolerance: yield* time("--tolerance", input.tolerance, "5s"),
    longestConversation: yield* time("--longest-conversation", input.longestConversation, "72h")
  }
  return meaning
})
