/** The arguments of `verify`, and which of them go together. */
import { Effect, Option } from "effect"
import { UsageError } from "../terminal/UsageError.js"
import { standardInput } from "./Source.js"

/** The arguments of `verify`. */
export interface VerifyArguments {
  readonly files: ReadonlyArray<string>
  readonly against: ReadonlyArray<string>
  readonly start: Option.Option<string>
  readonly end: Option.Option<string>
  readonly topic: ReadonlyArray<string>
  readonly conversation: ReadonlyArray<string>
  readonly key: Option.Option<string>
  readonly missing: Option.Option<string>
  readonly memory: Option.Option<string>
  readonly from: Option.Option<number>
  readonly to: Option.Option<number>
  readonly indexPath: Option.Option<string>
  readonly groupBy: Option.Option<string>
  readonly maxMissing: number
  readonly expect: ReadonlyArray<string>
  readonly all: boolean
  readonly allowRejected: number
  readonly failUnder: Option.Option<number>
  readonly html: Option.Option<string>
  readonly json: boolean
}

const isGiven = (value: Option.Option<unknown> | ReadonlyArray<unknown>): boolean =>
  "_tag" in value ? Option.isSome(value) : value.length > 0

/** What only a sequence has. */
const ofSequence = {
  from: "--from",
  to: "--to",
  expect: "--expect",
  indexPath: "--index-path",
  groupBy: "--group-by"
} as const

/** What narrows a measure. A sequence cannot be narrowed. */
const filters = { start: "--start", end: "--end", topic: "--topic", conversation: "--conversation" } as const

/** What only a baseline is measured by. */
const ofBaseline = {
  key: "--key",
  missing: "--missing",
  memory: "--memory"
} as const

const namesOf = <K extends keyof VerifyArguments>(
  input: VerifyArguments,
  names: { readonly [P in K]: string },
  keys: ReadonlyArray<K>
): ReadonlyArray<string> =>
  keys.flatMap((key) => {
    const value = input[key]
    return typeof value === "object" && isGiven(value) ? [names[key]] : []
  })

/** Fails with {@link UsageError} where the arguments do not go together, or one has no meaning. */
export const check = Effect.fn("VerifyArguments.check")(function* (input: VerifyArguments) {
  const wrong = (problem: string, remedy: string) => Effect.fail(new UsageError({ problem, remedy }))
  if (input.maxMissing < 0) return yield* wrong("--max-missing is less than 0", "--max-missing 20")
  if (input.allowRejected < 0) return yield* wrong("--allow-rejected is less than 0", "--allow-rejected 1")
  if (Option.exists(input.failUnder, (percent) => !(percent >= 0 && percent <= 100))) {
    return yield* wrong("--fail-under is no percentage from 0 to 100", "--fail-under 99.5")
  }
  const sequence = namesOf(input, ofSequence, ["from", "to", "expect", "indexPath", "groupBy"])
  if (input.against.length === 0) {
    const narrowing = namesOf(input, filters, ["start", "end", "topic", "conversation"])
    if (narrowing.length > 0) {
      return yield* wrong(
        `${narrowing.join(", ")}: only with --against. A sequence runs through all times, topics and conversations, so that a part of it always has gaps`,
        "genesys-replay verify CAPTURE… --against BASELINE…"
      )
    }
    const baseline = namesOf(input, ofBaseline, ["key", "missing", "memory"])
    return baseline.length === 0
      ? undefined
      : yield* wrong(
          `${baseline.join(", ")}: only with --against, where the events of a baseline are what is expected`,
          "genesys-replay verify CAPTURE… --against BASELINE…"
        )
  }
  if (sequence.length > 0) {
    return yield* wrong(
      `${sequence.join(", ")}: not together with --against, which goes by the events themselves and by no index`,
      "leave out either; --start, --end, --topic and --conversation narrow what a baseline is measured by"
    )
  }
  if (input.files.length === 0) {
    return yield* wrong(
      "no capture is named: all that follows on --against is baseline",
      "genesys-replay verify CAPTURE… --against BASELINE…, where - is standard input"
    )
  }
  if ([...input.files, ...input.against].filter((file) => file === standardInput).length > 1) {
    return yield* wrong(
      "standard input can be read only once, as the capture or as the baseline",
      "genesys-replay verify CAPTURE… --against -"
    )
  }
})
