/** Spec files: YAML or JSON, read with the place of everything in them. */
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { ReplaySpec } from "@genesys-replay/domain"
import { Effect, Option, Schema } from "effect"
import { LineCounter, parseDocument } from "yaml"
import * as StandardInput from "./StandardInput.js"
import * as YamlNodes from "./YamlNodes.js"
import * as YamlProblem from "./YamlProblem.js"

/** The spec file could not be read at all. */
export class SpecFileUnreadable extends Schema.TaggedError<SpecFileUnreadable>()("SpecFileUnreadable", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `the spec file ${this.file} cannot be read: ${this.reason}`
  }
}

/** One thing that is wrong in a spec file; line and column count from 1. */
export const SpecProblem = Schema.Struct({
  line: Schema.Number,
  column: Schema.Number,
  /** The place in the spec, `windows[0].start`; empty for a mistake in the writing itself. */
  path: Schema.String,
  message: Schema.String
})

/** The spec file is no YAML or JSON, or does not say something that could be planned. */
export class SpecFileInvalid extends Schema.TaggedError<SpecFileInvalid>()("SpecFileInvalid", {
  file: Schema.String,
  problems: Schema.NonEmptyArray(SpecProblem)
}) {
  override get message(): string {
    return this.problems
      .map(
        ({ column, line, message, path }) =>
          `${this.file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}`
      )
      .join("\n")
  }
}

type Problem = typeof SpecProblem.Type

const invalid = (file: string, problems: ReadonlyArray<Problem>) => {
  const [first = { line: 1, column: 1, path: "", message: "is not a spec" }, ...rest] = problems
  return new SpecFileInvalid({ file, problems: [first, ...rest] })
}

/** What the text holds: a value, and where each part of it is written; or what is wrong with the writing. */
const written = (text: string) => {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { col, line } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const source = text.replace(/^\uFEFF/, "")
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    // Core, whatever a directive in the file says: there a date is a text, as it is everywhere in a spec.
    schema: "core",
    merge: true,
    logLevel: "error"
  })
  const errors = YamlProblem.explainAll(source, document.errors)
  const nodes = YamlNodes.of(document)
  const problems = (errors.length > 0 ? errors : nodes.problems).map(
    ({ message, offset }): Problem => ({ ...at(offset), path: "", message })
  )
  // How much the aliases stand for is known by now.
  const value: unknown = problems.length > 0 ? undefined : document.toJS({ maxAliasCount: -1 })
  return { problems, value, placeOf: (keys: ReadonlyArray<string | number>) => at(nodes.offsetOf(keys)) }
}

const atBeginning = (message: string): Problem => ({ line: 1, column: 1, path: "", message })

/** Reads the text of a spec file named `file`. Fails with {@link SpecFileInvalid}, every problem with line and column. */
export const parse = Effect.fn("SpecFile.parse")(function* (file: string, text: string) {
  const { placeOf, problems, value } = yield* Effect.try({
    try: () => written(text),
    // What the parser cannot take in is nested deeper than it can go.
    catch: () => invalid(file, [atBeginning("the file is nested too deeply to be a spec")])
  })
  if (problems.length > 0) return yield* invalid(file, problems)
  if (value === null || value === undefined) {
    return yield* invalid(file, [atBeginning("the file is empty: write at least windows, with topics and start")])
  }
  return yield* ReplaySpec.decode(value).pipe(
    Effect.mapError((error) =>
      invalid(
        file,
        error.issues.map(({ keys, message, path }) => ({ ...placeOf(keys), path, message }))
      )
    )
  )
})

const reasons: Record<string, string> = {
  NotFound: "there is no such file",
  PermissionDenied: "permission denied"
}

const unreadable = (file: string) => (error: PlatformError) => {
  const reason =
    error._tag === "SystemError" ? (reasons[error.reason] ?? error.description ?? error.reason) : error.message
  return new SpecFileUnreadable({ file, reason })
}

const decoded = Effect.fn("SpecFile.decoded")(function* (file: string, bytes: Uint8Array) {
  const text = yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => new SpecFileUnreadable({ file, reason: "it is not UTF-8 text" })
  })
  return yield* parse(file, text)
})

/** Reads a spec file. Fails with {@link SpecFileUnreadable} or {@link SpecFileInvalid}. */
export const read = Effect.fn("SpecFile.read")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  return yield* decoded(file, yield* Effect.mapError(files.readFile(file), unreadable(file)))
})

/** Reads a spec from standard input; none where that is empty. */
export const readStandardInput = Effect.fn("SpecFile.readStandardInput")(function* () {
  const file = "standard input"
  const bytes = yield* Effect.mapError(StandardInput.bytes, unreadable(file))
  return bytes.length === 0 ? Option.none() : Option.some(yield* decoded(file, bytes))
})
