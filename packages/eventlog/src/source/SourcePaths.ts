/** Paths as people give them: files, directories, patterns. What files they stand for, each once. */
import { type BigIntStats, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { expand as expandBraces } from "brace-expansion"
import { Effect, Either } from "effect"
import picomatch from "picomatch"
import * as FilePath from "./FilePath.js"
import * as LogSource from "./LogSource.js"
import * as SourceNames from "./SourceNames.js"
import * as SystemReason from "./SystemReason.js"

/** A file that is to be read. */
export interface Found {
  readonly path: string
  /** Null where nobody knows before the end, and it can be read once: a pipe, a device. */
  readonly size: number | null
  /** The same for every path that leads to this very file. */
  readonly identity: string
}

/** A file that was passed over, and why. */
export interface LeftOut {
  readonly path: string
  readonly reason: string
}

/** What paths stand for. */
export interface Expansion {
  /** In the order of the paths; those of a directory or a pattern by name. */
  readonly files: ReadonlyArray<Found>
  /** What could not be looked at: paths, or what is in directories. */
  readonly unreadable: ReadonlyArray<LogSource.UnreadableSource>
  /** What directories have besides. */
  readonly leftOut: ReadonlyArray<LeftOut>
}

/** How paths are understood. */
export interface Options {
  /** Whether directories take every file, whatever its name; those with hidden names aside. */
  readonly all?: boolean | undefined
}

const special = "it is no file but a pipe, a socket or a device"

const isGlob = (text: string): boolean => /[*?]|\[.+\]/.test(text)

const byName = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

const byPath = (left: Found, right: Found): number => byName(left.path, right.path)

const attempt = <A>(look: () => A): Either.Either<A, unknown> => Either.try({ try: look, catch: (error) => error })

const look = (path: string): Either.Either<BigIntStats, unknown> =>
  attempt(() => statSync(FilePath.toSystem(path), { bigint: true }))

const isAbsent = (error: unknown): boolean => ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(SystemReason.codeOf(error))

const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`

/** Somebody named the file; a pattern found it, by its whole name; or it is in a directory that was taken as a whole. */
type Way = "named" | "matched" | "listed"

/** What was found so far. */
class Walk {
  readonly files = new Map<string, Found>()
  readonly unreadable: Array<LogSource.UnreadableSource> = []
  readonly leftOut: Array<LeftOut & { readonly identity: string }> = []
  /** Directories that were gone into, and how: a link that leads back is not followed twice. */
  private readonly visited = new Set<string>()

  constructor(private readonly all: boolean) {}

  fail(path: string, reason: string): void {
    this.unreadable.push(new LogSource.UnreadableSource({ source: path, reason, bytesRead: 0 }))
  }

  /** Nothing can be said of what is at `path`: a link that leads nowhere, say. */
  miss(path: string, error: unknown, way: Way): void {
    const isNothing = way === "listed" && isAbsent(error) && !SourceNames.holdsEvents(path)
    if (!isNothing) this.fail(path, SystemReason.of(error))
  }

  /** Whether the directory is gone into for the first time, with the same still to be looked for. */
  enters(info: BigIntStats, sought: string): boolean {
    const visit = `${identityOf(info)} ${sought}`
    const isNew = !this.visited.has(visit)
    this.visited.add(visit)
    return isNew
  }

  /** The names in a directory, in order. One that can't be read is told. */
  names(directory: string): ReadonlyArray<string> {
    const names = attempt(() => readdirSync(FilePath.toSystem(directory === "" ? "." : directory), "buffer"))
    if (Either.isLeft(names)) {
      this.fail(directory === "" ? "." : directory, SystemReason.of(names.left))
      return []
    }
    return names.right.map(FilePath.fromBytes).sort(byName)
  }

  take(path: string, info: BigIntStats, way: Way): void {
    const identity = identityOf(info)
    if (this.files.has(identity)) return
    if (!info.isFile() && way !== "named") this.leftOut.push({ path, reason: special, identity })
    else if (way === "listed" && !this.all && !SourceNames.holdsEvents(path))
      this.leftOut.push({ path, reason: SourceNames.unlikely, identity })
    else this.files.set(identity, { path, size: info.isFile() ? Number(info.size) : null, identity })
  }

  /** What is at `path`: the file, or what the directory holds. */
  readonly at = (path: string, way: Way): Effect.Effect<void> =>
    Effect.suspend(() => {
      const info = look(path)
      if (Either.isRight(info) && info.right.isDirectory()) return this.within(path, info.right, way)
      if (Either.isRight(info)) this.take(path, info.right, way)
      else this.miss(path, info.left, way)
      return Effect.void
    })

  /** What is in the directory. Files are taken at once: there may be very many. */
  private within(directory: string, info: BigIntStats, way: Way): Effect.Effect<void> {
    const within = way === "matched" ? "matched" : "listed"
    if (!this.enters(info, within)) return Effect.void
    const names = this.names(directory).filter(SourceNames.isShown)
    return Effect.forEach(names, (name) => this.at(join(directory, name), within), { discard: true })
  }

  /** What matches `pattern`, name by name, from `directory` on. */
  readonly match = (directory: string, pattern: ReadonlyArray<string>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const [first, ...rest] = pattern
      if (first === undefined) return this.at(directory, "listed")
      if (first === "**" && rest.length === 0) return this.at(directory === "" ? "." : directory, "matched")
      const info = look(directory === "" ? "." : directory)
      if (Either.isLeft(info)) return Effect.sync(() => this.fail(directory, SystemReason.of(info.left)))
      if (!info.right.isDirectory() || !this.enters(info.right, pattern.join("/"))) return Effect.void
      if (first !== "**" && !isGlob(first)) {
        const path = join(directory, first)
        const inner = look(path)
        return Either.isLeft(inner) && isAbsent(inner.left) ? Effect.void : this.next(path, rest)
      }
      const names = this.names(directory)
      const deeper = first === "**" ? this.deeper(directory, names, pattern) : Effect.void
      if (first === "**") return Effect.zipRight(this.match(directory, rest), deeper)
      const matches = picomatch(first, { posix: true, nonegate: true, noextglob: true, nobrace: true })
      return Effect.forEach(
        names.filter((name) => matches(name)),
        (name) => this.next(join(directory, name), rest),
        {
          discard: true
        }
      )
    })

  private next(path: string, rest: ReadonlyArray<string>): Effect.Effect<void> {
    if (rest.length > 0) return this.match(path, rest)
    const info = look(path)
    return this.at(path, Either.isRight(info) && info.right.isDirectory() ? "listed" : "matched")
  }

  /** The directories below, for the same pattern. */
  private deeper(directory: string, names: ReadonlyArray<string>, pattern: ReadonlyArray<string>): Effect.Effect<void> {
    return Effect.forEach(
      names.filter(SourceNames.isShown),
      (name) => {
        const path = join(directory, name)
        const info = look(path)
        if (Either.isLeft(info))
          return isAbsent(info.left) ? Effect.void : Effect.sync(() => this.fail(path, SystemReason.of(info.left)))
        return info.right.isDirectory() ? this.match(path, pattern) : Effect.void
      },
      { discard: true }
    )
  }

  get result(): Expansion {
    const leftOut = this.leftOut.filter(({ identity }) => !this.files.has(identity))
    return {
      files: [...this.files.values()],
      unreadable: this.unreadable,
      leftOut: leftOut.map(({ path, reason }) => ({ path, reason }))
    }
  }
}

const root = (path: string): string => (path.startsWith("/") ? "/" : "")

const partsOf = (path: string): ReadonlyArray<string> => path.split("/").filter((part) => part !== "" && part !== ".")

/**
 * Paths that a program was given as text although a name in them is none: each byte that is no UTF-8 became U+FFFD on the way. The
 * paths that could have been meant.
 */
const meant = (path: string): ReadonlyArray<string> => {
  if (!path.includes("\ufffd")) return []
  let paths = [root(path)]
  for (const part of partsOf(path)) {
    paths = paths.flatMap((directory) => {
      if (!part.includes("\ufffd")) return [join(directory, part)]
      const names = attempt(() => readdirSync(FilePath.toSystem(directory === "" ? "." : directory), "buffer"))
      const found = Either.getOrElse(names, () => []).map(FilePath.fromBytes)
      return found.filter((name) => FilePath.asArgument(name) === part).map((name) => join(directory, name))
    })
  }
  return paths
}

const noFile = (walk: Walk, path: string, leftOut: number): void => {
  if (leftOut === 0) walk.fail(path, "there is no file in this directory")
  else walk.fail(path, `no file in this directory holds events, by its name; left out: ${leftOut}`)
}

const walkNamed = Effect.fnUntraced(function* (walk: Walk, path: string, info: BigIntStats) {
  const before = walk.files.size
  const [failedBefore, leftOutBefore] = [walk.unreadable.length, walk.leftOut.length]
  yield* walk.at(path, "named")
  const isEmpty = walk.files.size === before && walk.unreadable.length === failedBefore
  if (info.isDirectory() && isEmpty) noFile(walk, path, walk.leftOut.length - leftOutBefore)
})

const walkPattern = Effect.fnUntraced(function* (all: boolean, path: string) {
  const walk = new Walk(all)
  yield* walk.match(root(path), partsOf(path))
  if (walk.files.size === 0 && walk.unreadable.length === 0) walk.fail(path, "no file matches")
  return walk.result
})

const walkPath = Effect.fnUntraced(function* (all: boolean, path: string): Effect.fn.Return<Expansion> {
  const info = look(path)
  const walk = new Walk(all)
  if (Either.isRight(info)) {
    yield* walkNamed(walk, path, info.right)
    return walk.result
  }
  if (isAbsent(info.left)) {
    const paths = path.includes("{") ? expandBraces(path) : []
    if (paths.length > 1) return together(yield* Effect.forEach(paths, (one) => walkPath(all, one)))
    if (isGlob(path)) return yield* walkPattern(all, path)
    const [first, ...others] = meant(path)
    if (first !== undefined && others.length === 0) return yield* walkPath(all, first)
    if (first !== undefined) {
      walk.fail(
        path,
        "several files are meant by this name, which is no UTF-8: name their directory, or a pattern in quotes"
      )
      return walk.result
    }
  }
  walk.fail(path, SystemReason.of(info.left))
  return walk.result
})

/** Several expansions as one: no file twice. */
const together = (expansions: ReadonlyArray<Expansion>): Expansion => {
  const files = new Map<string, Found>()
  for (const { files: found } of expansions)
    for (const file of found) if (!files.has(file.identity)) files.set(file.identity, file)
  return {
    files: [...files.values()],
    unreadable: expansions.flatMap(({ unreadable }) => unreadable),
    leftOut: expansions.flatMap(({ leftOut }) => leftOut)
  }
}

/**
 * What `path` stands for. A file, a pipe: itself. A directory: the files in it and below whose names say that they hold events
 * (`SourceNames`), by name, hidden ones aside. Where there is nothing of that name, a pattern with `*`, `**`, `?`, `[…]`: the files that
 * match, whatever their ending; and `{a,b}`: each of these, as if it had been named.
 *
 * Every file is there once, by device and inode, whatever links lead to it. What cannot be looked at is told, also where it is only in the
 * way: a directory that may not be entered. So is a path that stands for no file.
 */
export const expand = Effect.fn("SourcePaths.expand")(function* (path: string, options: Options = {}) {
  const expansion = yield* walkPath(options.all ?? false, path)
  return path.includes("**") ? { ...expansion, files: [...expansion.files].sort(byPath) } : expansion
})
