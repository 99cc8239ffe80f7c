/** Which entries of the audit trail, as options of its commands. */
import { Options } from "@effect/cli"
import { AuditEntry } from "@genesys-replay/domain"
import { Effect, Option } from "effect"
import * as InstantText from "../terminal/InstantText.js"

/** The options that `list` and `export` share. */
export const options = {
  window: Options.text("window").pipe(
    Options.withPseudoName("WINDOW"),
    Options.withDescription("Only the window of this name"),
    Options.optional
  ),
  action: Options.choice("action", AuditEntry.AuditAction.literals).pipe(
    Options.withDescription("Only this action"),
    Options.optional
  ),
  since: Options.text("since").pipe(
    Options.withPseudoName("TIME"),
    Options.withDescription("Only from here on: 2024-01-15T08:00:00Z or -36h"),
    Options.optional
  ),
  until: Options.text("until").pipe(
    Options.withPseudoName("TIME"),
    Options.withDescription("Only before; the same forms"),
    Options.optional
  )
}

/** What {@link options} read. */
export interface Input {
  readonly window: Option.Option<string>
  readonly action: Option.Option<AuditEntry.AuditAction>
  readonly since: Option.Option<string>
  readonly until: Option.Option<string>
}

const instant = (option: string, text: Option.Option<string>) =>
  Effect.map(
    Effect.transposeMapOption(text, (given) => InstantText.read(option, given)),
    Option.getOrUndefined
  )

/** The filter of the trail. {@link UsageError} for what is not a time. */
export const read = (input: Input) =>
  Effect.all({
    window: Effect.succeed(Option.getOrUndefined(input.window)),
    action: Effect.succeed(Option.getOrUndefined(input.action)),
    since: instant("--since", input.since),
    until: instant("--until", input.until)
  })
