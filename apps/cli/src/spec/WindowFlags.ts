/** The options by which one window is given on the command line, instead of a spec file. */
import { Args, Options } from "@effect/cli"
import { Proof, ProviderName } from "@genesys-replay/domain"
import { Option } from "effect"
import { operand } from "../terminal/Operand.js"
import * as RepeatedOption from "../terminal/RepeatedOption.js"

/** `[SPEC]`: a spec file. A word that begins with a dash is a mistyped option. */
export const spec = Args.text({ name: "SPEC" }).pipe(
  Args.withDescription(
    "A spec file, YAML or JSON; - is standard input, as is no file and no window. Else one window is taken from the options."
  ),
  Args.mapEffect(operand),
  Args.optional
)

/** `--provider`; a spec file may name one too. */
export const provider = Options.choice("provider", ProviderName.shipped).pipe(
  Options.withDescription("Who replays (default: the spec's, else genesys)"),
  Options.optional
)

/** What EventBridge takes beyond a window; each wins over a spec file. */
export const archived = {
  archive: Options.text("archive").pipe(
    Options.withPseudoName("NAME"),
    Options.withDescription("EventBridge: the archive to replay from, or create (default: found by the event bus)"),
    Options.optional
  ),
  partial: Options.boolean("partial").pipe(
    Options.withDescription("EventBridge: replay what there is, where the archive holds only a part of a window")
  )
}

/** The window's options. */
export const window = {
  topic: RepeatedOption.text("topic", "A topic to replay, such as genesys.conversations.message; repeat for more"),
  retention: Options.integer("retention").pipe(
    Options.withPseudoName("DAYS"),
    Options.withDescription("Days of retention, 1 to 90"),
    Options.optional
  ),
  start: Options.text("start").pipe(
    Options.withPseudoName("TIME"),
    Options.withDescription("From when: 2024-01-15T08:00:00Z, or relative to now: -36h, -3d"),
    Options.optional
  ),
  end: Options.text("end").pipe(
    Options.withPseudoName("TIME"),
    Options.withDescription("Until when; the same forms"),
    Options.optional
  ),
  destination: Options.text("destination").pipe(
    Options.withPseudoName("ARN"),
    Options.withDescription("ARN of the event bus that receives the events"),
    Options.optional
  ),
  roleArn: Options.text("role-arn").pipe(
    Options.withPseudoName("ARN"),
    Options.withDescription("ARN of the role that delivers into the bus"),
    Options.optional
  ),
  name: Options.text("name").pipe(
    Options.withPseudoName("NAME"),
    Options.withDescription("Name of the window: one name, one stream, however often it is applied"),
    Options.optional
  ),
  description: Options.text("description").pipe(
    Options.withPseudoName("TEXT"),
    Options.withDescription("Description of the stream"),
    Options.optional
  ),
  prove: Options.choice("prove", Proof.ProofMeasure.literals).pipe(
    Options.withDescription(
      "What says which events must have come back: the replay's sequence (default), another capture, or the platform's conversation records"
    ),
    Options.optional
  )
}

/** The options of {@link archived} as they were given. */
export interface ArchiveFlags {
  readonly archive: Option.Option<string>
  readonly partial: boolean
}

/** The window's options as they were given. */
export interface WindowFlags {
  readonly topic: ReadonlyArray<string>
  readonly retention: Option.Option<number>
  readonly start: Option.Option<string>
  readonly end: Option.Option<string>
  readonly destination: Option.Option<string>
  readonly roleArn: Option.Option<string>
  readonly name: Option.Option<string>
  readonly description: Option.Option<string>
  readonly prove: Option.Option<Proof.ProofMeasure>
}

const optionNames: Record<string, string> = { topics: "--topic", roleArn: "--role-arn" }

/** The option that a place in the spec of one window was given by: `windows[0].start` is `--start`. */
export const optionOf = (path: string): string => {
  const key = /^windows\[0\]\.(\w+)/.exec(path)?.[1] ?? path
  return optionNames[key] ?? `--${key}`
}

/** The names of the options that were given. */
export const given = (flags: WindowFlags): ReadonlyArray<string> => [
  ...(flags.topic.length > 0 ? ["--topic"] : []),
  ...(["retention", "start", "end", "destination", "roleArn", "name", "description", "prove"] as const).flatMap(
    (key) => (flags[key]._tag === "Some" ? [optionNames[key] ?? `--${key}`] : [])
  )
]

/** The document that a spec file of this one window would hold. */
export const toDocument = (flags: WindowFlags): unknown => {
  const set = <A>(key: string, value: Option.Option<A>) =>
    Option.match(value, { onNone: () => ({}), onSome: (given) => ({ [key]: given }) })
  return {
    windows: [
      {
        ...(flags.topic.length > 0 ? { topics: flags.topic } : {}),
        ...set("retention", flags.retention),
        ...set("start", flags.start),
        ...set("end", flags.end),
        ...set("destination", flags.destination),
        ...set("roleArn", flags.roleArn),
        ...set("name", flags.name),
        ...set("description", flags.description),
        ...set("prove", flags.prove)
      }
    ]
  }
}
