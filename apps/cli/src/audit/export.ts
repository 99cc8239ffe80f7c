/** What `audit export` does. */
import { Plural } from "@genesys-replay/domain"
import { AuditExport, AuditTrail } from "@genesys-replay/pipeline"
import { Effect, Option, Schema, Stream } from "effect"
import * as JsonDocument from "../terminal/JsonDocument.js"
import * as OutputFile from "../terminal/OutputFile.js"
import { Screen, say } from "../terminal/Screen.js"
import { UsageError } from "../terminal/UsageError.js"
import * as State from "../wiring/State.js"
import * as Filter from "./Filter.js"

const Written = Schema.Struct({
  file: Schema.String,
  format: Schema.Literal("ndjson", "csv"),
  count: Schema.NonNegativeInt
}).annotations({ identifier: "AuditExportWritten" })

/** What `--json` prints: the entries, or where they were written. */
export const document = Schema.Union(Schema.Struct({ entries: Schema.Array(AuditExport.ExportedEntry) }), Written)

/** What is exported, and how. */
export interface Input extends Filter.Input {
  readonly format: Option.Option<"ndjson" | "csv">
  readonly out: Option.Option<string>
  readonly json: boolean
}

// How many lines are written at a time.
const chunk = 256

type Entries<E> = Stream.Stream<AuditTrail.Chained, E>

const linesOf = <E>(entries: Entries<E>, format: "ndjson" | "csv"): Stream.Stream<string, E> =>
  format === "csv"
    ? Stream.concat(Stream.make(AuditExport.csvHeader), Stream.map(entries, AuditExport.csv))
    : Stream.map(entries, AuditExport.ndjson)

// One document, without holding all of it.
const documentOf = <E>(entries: Entries<E>): Stream.Stream<string, E> => {
  const items = Stream.map(entries, (chained) => JSON.stringify(AuditExport.documentOf(chained)))
  return Stream.make('{"entries":[').pipe(
    Stream.concat(Stream.intersperse(items, ",\n")),
    Stream.concat(Stream.make("]}\n"))
  )
}

const toScreen = <E>(text: Stream.Stream<string, E>) =>
  Effect.flatMap(Screen, ({ out }) =>
    Stream.runForEachChunk(Stream.rechunk(text, chunk), (lines) => out.write(Array.from(lines).join("")))
  )

const toFile = <E>(path: string, text: Stream.Stream<string, E>) =>
  Effect.flatMap(State.files, (inputs) =>
    OutputFile.replace(path, { inputs, mode: 0o600 }, (write) =>
      Stream.runForEachChunk(Stream.rechunk(text, chunk), (lines) => write(Array.from(lines).join("")))
    )
  )

/** Writes the entries that pass the filters to standard output, or to a file. */
export const run = Effect.fn("audit.export")(function* (input: Input) {
  const format = Option.getOrElse(input.format, () => "ndjson" as const)
  if (input.json && Option.isNone(input.out) && format === "csv") {
    return yield* new UsageError({
      problem: "--json and --format csv are two ways to print",
      remedy: "leave one out, or add --out audit.csv"
    })
  }
  const filter = yield* Filter.read(input)
  let count = 0
  yield* Effect.gen(function* () {
    const trail = yield* AuditTrail.AuditTrail
    const entries = Stream.tap(trail.chained(filter), () => Effect.sync(() => (count += 1)))
    yield* Option.match(input.out, {
      onNone: () => toScreen(input.json ? documentOf(entries) : linesOf(entries, format)),
      onSome: (path) => toFile(path, linesOf(entries, format))
    })
  }).pipe(Effect.provide(State.layer))
  if (Option.isSome(input.out)) {
    const path = input.out.value
    yield* say(`${Plural.counted(count, "entry", "entries")} written to ${path}`)
    if (input.json) yield* JsonDocument.print(Written, { file: path, format, count })
  }
})
