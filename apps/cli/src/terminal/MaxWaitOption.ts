/** `--max-wait`, of every command that asks a provider. */
import { HelpDoc, Options, ValidationError } from "@effect/cli"
import { Effect, Option } from "effect"
import { duration } from "./DurationText.js"

/** The longest wait for a limit of the provider; none where nothing is said. */
export const maxWait = Options.text("max-wait").pipe(
  Options.withDescription(
    "Give up where a limit of the provider would take longer: 90s, 5m, 1h (default: wait for it)"
  ),
  Options.mapEffect((text) =>
    Option.match(duration(text), {
      onNone: () =>
        Effect.fail(ValidationError.invalidValue(HelpDoc.p(`--max-wait ${text} is no duration. Write 90s, 5m or 1h`))),
      onSome: Effect.succeed
    })
  ),
  Options.optional
)
