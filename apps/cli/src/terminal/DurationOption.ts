/** Options that take a duration. */
import { HelpDoc, Options, ValidationError } from "@effect/cli"
import { Effect, Option } from "effect"
import { duration } from "./DurationText.js"

const durationOf = (name: string, description: string) =>
  Options.text(name).pipe(
    Options.withPseudoName("DURATION"),
    Options.withDescription(description),
    Options.mapEffect((text) =>
      Option.match(duration(text), {
        onNone: () =>
          Effect.fail(ValidationError.invalidValue(HelpDoc.p(`--${name} ${text} is no duration. Write 90s, 5m or 1h`))),
        onSome: Effect.succeed
      })
    ),
    Options.optional
  )

/** `--max-wait`, of every command that asks a provider: the longest wait for a limit of it; none where nothing is said. */
export const maxWait = durationOf(
  "max-wait",
  "Give up where a limit of the provider would take longer: 90s, 5m, 1h (default: wait for it)"
)

/** `--timeout`, of what waits for the end of replays. */
export const timeout = durationOf(
  "timeout",
  "How long the end of the replays is waited for: 90s, 5m, 1h; exit code 3 after that (default: as long as it takes)"
)
