/** The arguments of `heal`, and what is kept of them for a process that goes on. */
import { Path } from "@effect/platform"
import { ReplaySpec } from "@genesys-replay/domain"
import { CaptureQueueUrl, ResendSpeed, ResendTargets } from "@genesys-replay/eventbridge"
import * as CanonicalJson from "@genesys-replay/pipeline/CanonicalJson"
import { Effect, Option, Schema } from "effect"
import * as SpecFile from "../spec/SpecFile.js"
import { duration } from "../terminal/DurationText.js"
import { UsageError } from "../terminal/UsageError.js"
import { standardInput } from "../verify/Source.js"

/** The arguments as they are typed. */
export interface HealArguments {
  readonly spec: string
  readonly window: Option.Option<string>
  readonly queue: string
  readonly captured: string
  readonly against: ReadonlyArray<string>
  readonly reconcile: boolean
  readonly records: ReadonlyArray<string>
  readonly to: Option.Option<string>
  readonly speed: Option.Option<string>
  readonly rounds: number
  readonly maxEvents: Option.Option<number>
  readonly idle: string
  readonly webhook: Option.Option<string>
  readonly syncFile: Option.Option<string>
  readonly eventBus: Option.Option<string>
  readonly dryRun: boolean
  readonly json: boolean
}

/** What is asked for, whole enough for another process to go on with it: files are named by their whole paths. */
export const Asked = Schema.Struct({
  queue: Schema.String,
  captured: Schema.String,
  against: Schema.Array(Schema.String),
  reconcile: Schema.Boolean,
  records: Schema.Array(Schema.String),
  to: Schema.NullOr(Schema.String),
  speed: Schema.NullOr(Schema.String),
  rounds: Schema.Number,
  maxEvents: Schema.NullOr(Schema.Number),
  idle: Schema.String
})

export type Asked = typeof Asked.Type

const wrong = (problem: string, remedy: string) => Effect.fail(new UsageError({ problem, remedy }))

const example = "genesys-replay heal replay.yaml --queue URL --captured captured.ndjson --against baseline.ndjson"

// One measure, and only one.
const checkMeasure = ({ against, reconcile, records }: HealArguments) => {
  const named = [
    ...(against.length > 0 ? ["--against"] : []),
    ...(reconcile ? ["--reconcile"] : []),
    ...(records.length > 0 ? ["--records"] : [])
  ]
  if (named.length === 0)
    return wrong("what is missing is measured by nothing", `${example}, or --reconcile, or --records FILE`)
  return named.length > 1 ? wrong(`${named.join(" and ")}: only one of them measures`, example) : Effect.void
}

const targetOf = Effect.fn("HealArguments.targetOf")(function* (to: string, resolve: (path: string) => string) {
  const address = yield* ResendTargets.parse(to)
  return address._tag === "File" ? resolve(address.path) : to
})

/** What the words ask for. Fails with {@link UsageError}, `QueueUrlInvalid` or `TargetInvalid`; nothing was read by then. */
export const read = Effect.fn("HealArguments.read")(function* (input: HealArguments) {
  const { resolve } = yield* Path.Path
  yield* checkMeasure(input)
  if (input.rounds < 1) return yield* wrong("--rounds is less than 1", "--rounds 3")
  if (Option.exists(input.maxEvents, (most) => most < 1))
    return yield* wrong("--max-events is less than 1", "--max-events 100000")
  if (Option.isNone(duration(input.idle))) return yield* wrong(`--idle is no time: ${input.idle}`, "--idle 30s")
  if ([input.captured, ...input.against, ...input.records].includes(standardInput)) {
    return yield* wrong("standard input can be read once only, and every round measures anew", "name files")
  }
  if (Option.isSome(input.speed)) {
    if (Option.isNone(input.to)) return yield* wrong("--speed is only with --to", "--to TARGET --speed 50/s")
    yield* Effect.mapError(
      ResendSpeed.parse(input.speed.value),
      (problem) => new UsageError({ problem: `--speed ${problem}`, remedy: "--speed 10x" })
    )
  }
  const queue = yield* CaptureQueueUrl.parse(input.queue)
  const asked: Asked = {
    queue: queue.url,
    captured: resolve(input.captured),
    against: input.against.map((file) => resolve(file)),
    reconcile: input.reconcile,
    records: input.records.map((file) => resolve(file)),
    to: Option.isNone(input.to) ? null : yield* targetOf(input.to.value, resolve),
    speed: Option.getOrNull(input.speed),
    rounds: input.rounds,
    maxEvents: Option.getOrNull(input.maxEvents),
    idle: input.idle
  }
  return asked
})

/** The spec with the one window that is healed. */
export const specOf = Effect.fn("HealArguments.specOf")(function* ({ spec: file, window }: HealArguments) {
  const read = yield* file === standardInput ? SpecFile.readStandardInput() : Effect.asSome(SpecFile.read(file))
  if (Option.isNone(read)) return yield* wrong("there is no spec: standard input is empty", example)
  const spec = read.value
  const names = spec.windows.map(({ name }) => name ?? "(without a name)")
  const chosen = spec.windows.filter(({ name }) => Option.isNone(window) || name === window.value)
  const [first, ...more] = chosen
  if (first === undefined) {
    return yield* wrong(
      `${file} has no window ${JSON.stringify(Option.getOrNull(window))}`,
      `--window ${names.join(", or --window ")}`
    )
  }
  if (more.length > 0) {
    return yield* wrong(
      `${file} has ${chosen.length} windows, and one is healed at a time`,
      `--window ${names.join(", or --window ")}`
    )
  }
  return { ...spec, windows: [first] } satisfies ReplaySpec.ReplaySpec
})

const encodeSpec = Schema.encode(ReplaySpec.SpecDocument)

/** What the heal is told apart by: the window as the spec has it, what it is measured by and whom it is for; not how fast or how long. */
export const keyOf = (spec: ReplaySpec.ReplaySpec, asked: Asked) =>
  Effect.map(Effect.orDie(encodeSpec({ ...spec, defaults: {} })), (document) => {
    const { against, captured, queue, reconcile, records, to } = asked
    return CanonicalJson.digest({ document, against, captured, queue, reconcile, records, to }, 32)
  })
