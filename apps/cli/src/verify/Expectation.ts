/** The bounds that `--expect` names: in a file, or at the provider. */
import { FileSystem } from "@effect/platform"
import { EventStream, ReplayProvider } from "@genesys-replay/domain"
import { ExpectedSequences } from "@genesys-replay/eventlog"
import { Effect } from "effect"
import * as Providers from "../Providers.js"

const atProvider = (ids: ReadonlyArray<string>) =>
  Effect.flatMap(ReplayProvider.ReplayProvider, (provider) =>
    Effect.forEach(
      ids,
      (id) =>
        Effect.flatMap(provider.describe(EventStream.ReplayId.make(id)), (replay) =>
          ExpectedSequences.ofReplays(`replay ${id}`, [replay])
        ),
      { concurrency: 4 }
    )
  ).pipe(Effect.provide(Providers.layer("genesys")))

/** The bounds of all that is named; the provider is asked only for what is no file. */
export const read = Effect.fn("Expectation.read")(function* (named: ReadonlyArray<string>) {
  const files = yield* FileSystem.FileSystem
  const [ids, paths] = yield* Effect.partition(named, (name) =>
    Effect.flatMap(
      Effect.orElseSucceed(files.exists(name), () => false),
      (exists) => (exists ? Effect.succeed(name) : Effect.fail(name))
    )
  )
  const told = yield* Effect.forEach(paths, (path) =>
    Effect.flatMap(files.readFileString(path), (text) => ExpectedSequences.fromJson(path, text))
  )
  const asked = ids.length === 0 ? [] : yield* atProvider(ids)
  return new Map([...told, ...asked].flatMap((sequences) => [...sequences]))
})
