/** Spec files: YAML or JSON, read with the place of everything in them. */
import { FileSystem } from "@effect/platform"
import { NodeStream } from "@effect/platform-node"
import { ReplaySpec, type SpecIssue } from "@genesys-replay/domain"
import { Effect, Schema } from "effect"
import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument } from "yaml"
import { standardInput } from "../verify/Source.js"

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

const oneLine = (message: string): string => (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "")

/** Where the value at `keys` stands; for a key that is not there, where its parent stands. */
const offsetOf = (document: Document.Parsed, keys: SpecIssue.SpecIssue["keys"]): number => {
  for (let length = keys.length; length >= 0; length--) {
    const parent: unknown = length === 0 ? document.contents : document.getIn(keys.slice(0, length - 1), true)
    if (length > 0 && isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isScalar(item.key) && item.key.value === keys[length - 1]
      )
      if (pair !== undefined && isScalar(pair.key) && pair.key.range) return pair.key.range[0]
    }
    const node: unknown = length === 0 ? document.contents : document.getIn(keys.slice(0, length), true)
    if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range))
      return Number(node.range[0])
  }
  return 0
}

const invalid = (file: string, problems: ReadonlyArray<Problem>) => {
  const [first = { line: 1, column: 1, path: "", message: "is not a spec" }, ...rest] = problems
  return new SpecFileInvalid({ file, problems: [first, ...rest] })
}

/** Reads the text of a spec file named `file`. Fails with {@link SpecFileInvalid}, every problem with line and column. */
export const parse = Effect.fn("SpecFile.parse")(function* (file: string, text: string) {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ""), { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => {
    const { col, line } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (document.errors.length > 0) {
    return yield* invalid(
      file,
      document.errors.map((error) => ({ ...at(error.pos[0]), path: "", message: oneLine(error.message) }))
    )
  }
  const value: unknown = yield* Effect.try({
    try: () => document.toJS(),
    catch: (cause) =>
      invalid(file, [
        { line: 1, column: 1, path: "", message: cause instanceof Error ? oneLine(cause.message) : "cannot be read" }
      ])
  })
  if (value === null || value === undefined) {
    return yield* invalid(file, [
      { line: 1, column: 1, path: "", message: "the file is empty: write at least windows, with topics and start" }
    ])
  }
  return yield* ReplaySpec.decode(value).pipe(
    Effect.mapError((error) =>
      invalid(
        file,
        error.issues.map(({ keys, message, path }) => ({ ...at(offsetOf(document, keys)), path, message }))
      )
    )
  )
})

const reasons: Partial<Record<string, string>> = {
  NotFound: "there is no such file",
  PermissionDenied: "permission denied"
}

// Standard input is read as a stream: a thread that reads it as a file would wait for its end also when Ctrl-C is pressed.
const bytesOf = (file: string) => {
  const unreadable = (reason: string) => new SpecFileUnreadable({ file, reason })
  if (file === standardInput) {
    return NodeStream.toUint8Array(() => process.stdin, { onFailure: (cause) => unreadable(String(cause)) })
  }
  return Effect.mapError(
    Effect.flatMap(FileSystem.FileSystem, (files) => files.readFile(file)),
    (error) =>
      unreadable(
        error._tag === "SystemError" ? (reasons[error.reason] ?? error.description ?? error.reason) : error.message
      )
  )
}

/** Reads a spec file. Fails with {@link SpecFileUnreadable} or {@link SpecFileInvalid}. */
export const read = Effect.fn("SpecFile.read")(function* (file: string) {
  const bytes = yield* bytesOf(file)
  const text = yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => new SpecFileUnreadable({ file, reason: "it is not UTF-8 text" })
  })
  return yield* parse(file, text)
})
