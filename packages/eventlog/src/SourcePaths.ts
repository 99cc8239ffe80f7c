/** Paths as people give them: files, directories, patterns. What files they stand for. */
import { FileSystem, Path } from "@effect/platform"
import { Effect } from "effect"
import * as LogSource from "./LogSource.js"

const isPattern = (text: string): boolean => /[*?]/.test(text)

/** A name by a pattern of one level: `*` for anything, `?` for one character. Names that begin with a dot are hidden from both. */
const matcher = (pattern: string): ((name: string) => boolean) => {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&")
  const regExp = new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su")
  return (name) => (pattern.startsWith(".") || !name.startsWith(".")) && regExp.test(name)
}

const byName = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const isDirectory = (path: string): Effect.Effect<boolean> =>
    files.stat(path).pipe(
      Effect.map(({ type }) => type === "Directory"),
      Effect.orElseSucceed(() => false)
    )
  /** What is in a directory, hidden names aside; a directory that can't be read is empty here and unreadable as a source. */
  const namesIn = (directory: string): Effect.Effect<ReadonlyArray<string>> =>
    files.readDirectory(directory === "" ? "." : directory).pipe(
      Effect.map((names) => [...names].sort(byName)),
      Effect.orElseSucceed(() => [])
    )
  const filesIn = (directory: string): Effect.Effect<ReadonlyArray<string>> =>
    namesIn(directory).pipe(
      Effect.map((names) => names.filter((name) => !name.startsWith("."))),
      Effect.flatMap((names) => Effect.forEach(names, (name) => filesAt(join(directory, name)))),
      Effect.map((found) => found.flat())
    )
  const filesAt = (path: string): Effect.Effect<ReadonlyArray<string>> =>
    Effect.flatMap(isDirectory(path), (inner) => (inner ? filesIn(path) : Effect.succeed([path])))
  const matches = (directory: string, pattern: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
    Effect.gen(function* () {
      const [first, ...rest] = pattern
      if (first === undefined) return yield* filesAt(directory)
      if (!isPattern(first)) {
        const path = join(directory, first)
        return (yield* Effect.orElseSucceed(files.exists(path), () => false)) ? yield* matches(path, rest) : []
      }
      const names = yield* namesIn(directory)
      const anyDepth = first === "**"
      const inner = names.filter(matcher(anyDepth ? "*" : first))
      const below = yield* Effect.forEach(inner, (name) =>
        Effect.gen(function* () {
          const path = join(directory, name)
          if (!anyDepth && rest.length === 0) return yield* filesAt(path)
          return (yield* isDirectory(path)) ? yield* matches(path, anyDepth ? pattern : rest) : []
        })
      )
      const here = anyDepth ? yield* matches(directory, rest.length === 0 ? ["*"] : rest) : []
      // What `**` finds here and below it, each once, in the order of the names.
      return anyDepth ? [...new Set([...here, ...below.flat()])].sort(byName) : below.flat()
    })
  return { filesAt, isDirectory, matches }
})

const unreadable = (source: string, reason: string): LogSource.UnreadableSource =>
  new LogSource.UnreadableSource({ source, reason, bytesRead: 0 })

/**
 * The files that `path` stands for. A directory: all files in it and below, by name, those aside whose name begins with a dot.
 * A pattern with `*`, `**` or `?`, unless there is a file of that name: the files that match. Anything else: itself.
 *
 * Fails with `UnreadableSource` where a directory holds no file, or none matches.
 */
export const expand = Effect.fn("SourcePaths.expand")(function* (
  path: string
): Effect.fn.Return<ReadonlyArray<LogSource.File>, LogSource.UnreadableSource, FileSystem.FileSystem> {
  const { filesAt, isDirectory, matches } = yield* Effect.provide(make, Path.layer)
  const files = yield* FileSystem.FileSystem
  if (yield* isDirectory(path)) {
    const found = yield* filesAt(path)
    if (found.length === 0) return yield* unreadable(path, "there is no file in this directory")
    return found.map(LogSource.file)
  }
  if (!isPattern(path) || (yield* Effect.orElseSucceed(files.exists(path), () => false))) return [LogSource.file(path)]
  const root = path.startsWith("/") ? "/" : ""
  const found = yield* matches(
    root,
    path.split("/").filter((part) => part !== "" && part !== ".")
  )
  if (found.length === 0) return yield* unreadable(path, "no file matches")
  return found.map(LogSource.file)
})
