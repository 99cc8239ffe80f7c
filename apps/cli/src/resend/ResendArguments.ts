/** The arguments of `resend`, and what they ask for. */
import { Path } from "@effect/platform"
import { TopicPattern } from "@genesys-replay/domain"
import { type ResendFilter, ResendSpeed, ResendTargets } from "@genesys-replay/eventbridge"
import { Effect, Option, Schema } from "effect"
import * as InstantText from "../terminal/InstantText.js"
import { UsageError } from "../terminal/UsageError.js"
import { standardInput } from "../verify/Source.js"
import * as ResendInput from "./ResendInput.js"

/** The arguments of `resend`. */
export interface ResendArguments {
  readonly files: ReadonlyArray<string>
  readonly to: string
  readonly source: Option.Option<string>
  readonly only: ReadonlyArray<string>
  readonly start: Option.Option<string>
  readonly end: Option.Option<string>
  readonly topic: ReadonlyArray<string>
  readonly conversation: ReadonlyArray<string>
  readonly order: Option.Option<"file" | "time">
  readonly speed: Option.Option<string>
  readonly limit: Option.Option<number>
  readonly concurrency: Option.Option<number>
  readonly refused: Option.Option<string>
  readonly again: boolean
  readonly all: boolean
  readonly dryRun: boolean
  readonly json: boolean
}

/** What is typed and cannot be done. */
export const wrong = (problem: string, remedy: string) => new UsageError({ problem, remedy })

const decodeTopic = Schema.decodeOption(TopicPattern.TopicPattern)

const instant = (option: string, text: Option.Option<string>) =>
  Option.match(text, {
    onNone: () => Effect.succeed(undefined),
    onSome: (given) => InstantText.read(option, given)
  })

const filterOf = Effect.fn("ResendArguments.filterOf")(function* (input: ResendArguments) {
  const topics = yield* Effect.forEach(input.topic, (topic) =>
    Effect.mapError(decodeTopic(topic), () =>
      wrong(
        `--topic ${JSON.stringify(topic)} is no topic`,
        "--topic v2.detail.events.conversation.{id}.acd.start, or --topic 'v2.detail.*'"
      )
    )
  )
  const start = yield* instant("--start", input.start)
  const end = yield* instant("--end", input.end)
  if (start !== undefined && end !== undefined && start.epochMillis >= end.epochMillis) {
    return yield* wrong("--end is not after --start", "--start -36h --end -33h")
  }
  const only = input.only.length === 0 ? undefined : yield* ResendInput.only(input.only)
  return {
    topics,
    startMs: start?.epochMillis,
    endMs: end?.epochMillis,
    conversations: input.conversation,
    only
  } satisfies ResendFilter.ResendFilter
})

const speedOf = Effect.fn("ResendArguments.speedOf")(function* (input: ResendArguments) {
  const speed = yield* Option.match(input.speed, {
    onNone: () => Effect.succeed(undefined),
    onSome: (text) => Effect.mapError(ResendSpeed.parse(text), (problem) => wrong(`--speed ${problem}`, "--speed 10x"))
  })
  const isTimed = speed?._tag === "Multiple"
  if (isTimed && Option.contains(input.order, "file")) {
    return yield* wrong(
      "--speed keeps the time between events, which --order file does not",
      "--order time, or --speed 50/s"
    )
  }
  return { speed, order: Option.getOrElse(input.order, () => (isTimed ? ("time" as const) : ("file" as const))) }
})

const atLeast = (option: string, value: Option.Option<number>, most = Number.MAX_SAFE_INTEGER) =>
  Option.exists(value, (given) => given < 1 || given > most)
    ? wrong(`${option} is not from 1 to ${most}`, `${option} 8`)
    : Effect.succeed(Option.getOrUndefined(value))

/** Everything that the command line says, checked before anything is sent. */
export const read = Effect.fn("ResendArguments.read")(function* (input: ResendArguments) {
  const paths = yield* Path.Path
  const limit = yield* atLeast("--limit", input.limit)
  const concurrency = yield* atLeast("--concurrency", input.concurrency, 256)
  const { order, speed } = yield* speedOf(input)
  const named = yield* ResendTargets.parse(input.to)
  const address = named._tag === "File" ? { ...named, path: paths.resolve(named.path) } : named
  const stdins = [...input.files, ...input.only].filter((file) => file === standardInput)
  if (stdins.length > 1) return yield* wrong("standard input is named twice", "name a file for one of them")
  const files = input.files.map((file) => (file === standardInput ? file : paths.resolve(file)))
  const filter = yield* filterOf(input)
  return { address, files, options: { filter, order, limit }, speed, concurrency }
})

/** What is asked for. */
export type Asked = Effect.Effect.Success<ReturnType<typeof read>>
