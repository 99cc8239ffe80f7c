/** A headless Chromium, started anew for each question, with nothing of the user's and no network of its own. */

import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { Command, FileSystem, Path } from "@effect/platform"
import { Effect, Option, Stream } from "effect"

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]

/** Where the browser is; none where none is installed. */
export const executable: Option.Option<string> = Option.fromNullable(
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path))
)

const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--hide-scrollbars",
  "--enable-logging=stderr",
  "--v=0"
]

/** What a visit left behind. */
export interface Visit {
  readonly output: string
  /** What the page, or the browser on its behalf, wrote to the console. */
  readonly console: ReadonlyArray<string>
  /** The file that was asked for with `--screenshot` or `--print-to-pdf`. */
  readonly file: Uint8Array
}

const textOf = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Effect.Effect<string, E, R> =>
  bytes.pipe(Stream.decodeText(), Stream.mkString)

/** Visits `page`. A flag of `flags` that ends in `=` takes the name of a file, which is `file` afterwards. */
export const visit = Effect.fn("HtmlReportBrowser.visit")(function* (page: string, flags: ReadonlyArray<string>) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  // The browser's last processes may still write when its folder is removed.
  const folder = yield* Effect.acquireRelease(files.makeTempDirectory({ prefix: "html-report-" }), (made) =>
    Effect.ignore(files.remove(made, { recursive: true, force: true }))
  )
  const address = path.join(folder, "page.html")
  // The browser writes no screenshot into a file that is not called one.
  const wanted = path.join(folder, flags.includes("--screenshot=") ? "wanted.png" : "wanted.pdf")
  yield* files.writeFileString(address, page)
  const browser = yield* executable
  const started = yield* Command.make(
    browser,
    ...quiet,
    `--user-data-dir=${path.join(folder, "profile")}`,
    ...flags.map((flag) => (flag.endsWith("=") ? flag + wanted : flag)),
    `file://${address}`
  ).pipe(Command.start)
  const [output, errors] = yield* Effect.all([textOf(started.stdout), textOf(started.stderr)], { concurrency: 2 })
  const code = yield* started.exitCode
  if (code !== 0) return yield* Effect.dieMessage(`${browser} ended with ${code}: ${errors}`)
  const visited: Visit = {
    output,
    console: errors.split("\n").filter((line) => /:CONSOLE[:(]/.test(line)),
    file: (yield* files.exists(wanted)) ? yield* files.readFile(wanted) : new Uint8Array()
  }
  return visited
}, Effect.scoped)
