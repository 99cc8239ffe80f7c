/** The spec of a run: from a file, or from the options of one window. */
import { ArchiveReplay, type ProviderName, type ReplayPlan, ReplaySpec, ReplayWindow } from "@genesys-replay/domain"
import { Array as Arr, Config, Effect, Either, Option, Schema } from "effect"
import { UsageError } from "../terminal/UsageError.js"
import { standardInput } from "../verify/Source.js"
import * as SpecFile from "./SpecFile.js"
import * as StandardInput from "./StandardInput.js"
import * as WindowFlags from "./WindowFlags.js"

/** What `plan` and `apply` are given. */
export interface SpecArguments extends WindowFlags.WindowFlags, WindowFlags.ArchiveFlags {
  readonly spec: Option.Option<string>
  readonly provider: Option.Option<ProviderName.Shipped>
}

const fromFlags = Effect.fn("SpecSource.fromFlags")(function* (flags: WindowFlags.WindowFlags) {
  return yield* ReplaySpec.decode(WindowFlags.toDocument(flags)).pipe(
    Effect.mapError(
      (error) =>
        new UsageError({
          problem: error.issues.map(({ message, path }) => `${WindowFlags.optionOf(path)} ${message}`).join("\n"),
          remedy:
            "genesys-replay plan --topic genesys.conversations.message --start -36h --destination arn:aws:events:us-east-1:123456789012:event-bus/gen-cx-events"
        })
    )
  )
})

const noWindow = (why: string) =>
  new UsageError({
    problem: `there is no window: ${why}`,
    remedy:
      "genesys-replay plan replay.yaml, or genesys-replay plan --topic … --start … --destination …, or a spec on standard input"
  })

/** From the file that is named, else from what is piped in. Standard input is read only where no option says what the window is. */
const fromText = Effect.fn("SpecSource.fromText")(function* (file: Option.Option<string>) {
  const named = Option.filter(file, (name) => name !== standardInput)
  if (Option.isSome(named)) return yield* SpecFile.read(named.value)
  if (Option.isNone(file) && (yield* StandardInput.isTerminal)) {
    return yield* noWindow("neither a spec file nor options")
  }
  const piped = yield* SpecFile.readStandardInput()
  if (Option.isNone(piped)) {
    return yield* noWindow("neither a spec file nor options, and standard input is empty")
  }
  return piped.value
})

/** The windows with the archive that the command line names, and partial where it says so. */
const archived = Effect.fn("SpecSource.archived")(function* (
  spec: ReplaySpec.ReplaySpec,
  { archive, partial }: WindowFlags.ArchiveFlags
) {
  const wish = yield* Effect.transposeMapOption(archive, Schema.decodeUnknown(ArchiveReplay.ArchiveWish)).pipe(
    Effect.mapError(
      () =>
        new UsageError({
          problem: `--archive is not the name of an archive: ${JSON.stringify(Option.getOrUndefined(archive))}`,
          remedy: "--archive NAME, 1 to 48 of A-Za-z0-9._-, or --archive create"
        })
    )
  )
  return {
    ...spec,
    windows: Arr.map(spec.windows, (window) => ({
      ...window,
      ...Option.match(wish, { onNone: () => ({}), onSome: (name) => ({ archive: name }) }),
      ...(partial ? { partial } : {})
    }))
  } satisfies ReplaySpec.ReplaySpec
})

/** The spec that the command line names. */
export const read = Effect.fn("SpecSource.read")(function* (input: SpecArguments) {
  const given = WindowFlags.given(input)
  if (Option.isSome(input.spec) && given.length > 0) {
    return yield* new UsageError({
      problem: `${given.join(", ")} cannot be combined with the spec file ${input.spec.value === standardInput ? "-" : input.spec.value}`,
      remedy: "Write the window into the spec file, or leave the file out"
    })
  }
  const written = yield* given.length > 0 ? fromFlags(input) : fromText(input.spec)
  const spec = yield* archived(written, input)
  return Option.match(input.provider, { onNone: () => spec, onSome: (provider) => ({ ...spec, provider }) })
})

/** What planning takes from the environment: `AWS_REGION`, and the role of `GENESYS_EVENTBRIDGE_ROLE_ARN`. */
export const planOptions: Effect.Effect<ReplayPlan.Options, UsageError> = Effect.gen(function* () {
  const region = yield* optional("AWS_REGION")
  const role = yield* optional("GENESYS_EVENTBRIDGE_ROLE_ARN")
  const roleArn = Schema.decodeUnknownEither(ReplayWindow.RoleArn)(role ?? "")
  if (Either.isLeft(roleArn)) {
    return yield* new UsageError({
      problem: `GENESYS_EVENTBRIDGE_ROLE_ARN is not a role ARN: ${JSON.stringify(role)}`,
      remedy: "export GENESYS_EVENTBRIDGE_ROLE_ARN=arn:aws:iam::123456789012:role/NAME, or unset it"
    })
  }
  return { region, roleArn: roleArn.right }
})

const optional = (name: string) =>
  Config.string(name).pipe(
    Config.option,
    Config.map((value) => Option.getOrUndefined(Option.filter(value, (text) => text !== ""))),
    Effect.orDie
  )
