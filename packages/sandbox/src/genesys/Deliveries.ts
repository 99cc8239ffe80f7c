/** Where the events arrive: one file of NDJSON for each event bus, in a directory that only its owner can read. */
import { FileSystem, Path, type Error as PlatformErrors } from "@effect/platform"
import { Context, Effect, Hash, Layer } from "effect"
import { Settings } from "../faults/Settings.js"

/** The operations. */
export interface Service {
  /** The directory. */
  readonly directory: string
  /** The file of a bus, whether something was delivered or not. */
  readonly file: (bus: string) => string
  /** Appends whole lines; those of one call stand together. Fails when the file cannot be written. */
  readonly append: (bus: string, lines: ReadonlyArray<string>) => Effect.Effect<void, PlatformErrors.PlatformError>
}

const longest = 200

/**
 * The name of the file of a bus: `/` becomes `+`, which no bus name has, so two buses never share a file, and nothing
 * leads out of the directory. A name that is too long for a file system is cut and ends in its hash.
 */
export const fileName = (bus: string): string => {
  const safe = bus.replaceAll("/", "+").replace(/[^A-Za-z0-9._+-]/g, "%")
  const cut = safe.length <= longest ? safe : `${safe.slice(0, longest)}~${(Hash.string(bus) >>> 0).toString(16)}`
  return `${cut.startsWith(".") ? `+${cut}` : cut}.ndjson`
}

/** The deliveries of this sandbox. */
export class Deliveries extends Context.Tag("@genesys-replay/sandbox/Deliveries")<Deliveries, Service>() {
  /** Files. A directory of the settings is made with mode 0700 and stays; without one a temporary one comes and goes. */
  static readonly layer = Layer.scoped(
    Deliveries,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const { dataDirectory } = yield* Settings
      const directory =
        dataDirectory === undefined
          ? yield* fs.makeTempDirectoryScoped({ prefix: "genesys-sandbox-" })
          : path.resolve(dataDirectory)
      yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
      // A long append is several writes: two at once would mix their lines.
      const turn = yield* Effect.makeSemaphore(1)
      const file = (bus: string) => path.join(directory, fileName(bus))
      return Deliveries.of({
        directory,
        file,
        append: (bus, lines) =>
          lines.length === 0
            ? Effect.void
            : fs
                .writeFileString(file(bus), `${lines.join("\n")}\n`, { flag: "a", mode: 0o600 })
                .pipe(turn.withPermits(1), Effect.uninterruptible)
      })
    })
  )
}
