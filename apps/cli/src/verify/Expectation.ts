/** The bounds that `--expect` names: in a file, or at the provider. */
import { FileSystem } from "@effect/platform"
import { EventStream, ProviderName, ReplayProvider } from "@genesys-replay/domain"
import { ExpectedSequences } from "@genesys-replay/eventlog"
import { Effect, Option } from "effect"
import { UsageError } from "../terminal/UsageError.js"
import * as Providers from "../wiring/Providers.js"

// No provider's id has a dot or a slash in it, and hardly a file's name has neither.
const looksLikeFile = (name: string): boolean => /[./\\]/.test(name)

const fromFile = Effect.fn("Expectation.fromFile")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(path).pipe(
    Effect.mapError(
      () =>
        new UsageError({
          problem: `--expect ${path}: there is no such file that can be read`,
          remedy: "genesys-replay status ID --json > expected.json, or --expect ID"
        })
    )
  )
  return yield* ExpectedSequences.fromJson(path, text)
})

const fromProvider = Effect.fn("Expectation.fromProvider")(function* (id: string) {
  const provider = yield* ReplayProvider.ReplayProvider
  return yield* ExpectedSequences.ofReplays(`replay ${id}`, [yield* provider.describe(EventStream.ReplayId.make(id))])
})

/** The bounds of all that is named; the provider is asked only for what is no file. */
export const read = Effect.fn("Expectation.read")(function* (named: ReadonlyArray<string>) {
  const files = yield* FileSystem.FileSystem
  const isFile = (name: string) =>
    looksLikeFile(name) ? Effect.succeed(true) : Effect.orElseSucceed(files.exists(name), () => false)
  const kinds = yield* Effect.forEach(named, (name) => Effect.map(isFile(name), (file) => ({ name, file })))
  const told = yield* Effect.forEach(
    kinds.filter(({ file }) => file),
    ({ name }) => fromFile(name)
  )
  const ids = kinds.filter(({ file }) => !file)
  const asked =
    ids.length === 0
      ? []
      : yield* Effect.forEach(ids, ({ name }) => fromProvider(name)).pipe(
          Effect.provide(Providers.layerTelling(ProviderName.genesys, { maxWait: Option.none() }))
        )
  return new Map([...told, ...asked].flatMap((sequences) => [...sequences]))
})
