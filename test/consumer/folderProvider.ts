/** A provider of one's own: it replays windows into folders, and knows of them for as long as its layer lives. */
import {
  AtomicSubmission,
  Destination,
  EventStream,
  Instant,
  PlannedWindow,
  ProviderError,
  ProviderName,
  type Replay,
  ReplayPlanner,
  ReplayProvider,
  RetryPolicy,
  StandingReplay
} from "@genesys-replay/domain"
import { Array, Effect, Layer, Option, Ref, Schema, Stream } from "effect"

const provider = ProviderName.ProviderName.make("folder")

const Folder = Schema.String.pipe(
  Schema.filter((path) => path.startsWith("/") || `not the path of a folder: ${path}. Begin it with a slash`)
)

/** What a spec says of a folder, and a rule that no other provider has. */
export const planner = ReplayPlanner.make({
  provider,
  destination: Folder,
  wanted: "the path of a folder",
  rules: [
    ({ subject }) =>
      subject.window.destination.startsWith("/tmp/")
        ? [ReplayPlanner.finding(subject, "warning", "folder/not-kept", "destination", "/tmp is emptied at a restart")]
        : []
  ]
})

interface Kept {
  readonly replay: Replay.Replay
  readonly window: PlannedWindow.PlannedWindow
}

const make = Effect.gen(function* () {
  const kept = yield* Ref.make<ReadonlyArray<Kept>>([])

  const withName = (name: string) =>
    Effect.map(
      Ref.get(kept),
      Array.findFirst(({ replay }) => replay.name === name)
    )
  const withId = (operation: string, id: EventStream.ReplayId) =>
    Effect.flatMap(Ref.get(kept), (all) =>
      Effect.mapError(
        Array.findFirst(all, ({ replay }) => replay.id === id),
        () => new ProviderError.ReplayNotFound({ operation, id })
      )
    )

  const standing = (wanted: PlannedWindow.PlannedWindow) =>
    Effect.map(
      withName(wanted.name),
      Option.map(({ replay, window }) => ({ replay, differences: PlannedWindow.differences(wanted, window) }))
    )

  // One request: where the name is taken nothing is made. A real one is sent over a network, and may have no answer: `Answer.Unknown`.
  const send = (window: PlannedWindow.PlannedWindow) =>
    Ref.modify(kept, (all): readonly [AtomicSubmission.Answer, ReadonlyArray<Kept>] => {
      const correlationId = undefined
      if (all.some(({ replay }) => replay.name === window.name)) {
        return [AtomicSubmission.Answer.NameTaken({ correlationId }), all]
      }
      const end = Option.getOrUndefined(Option.map(window.end, Instant.format))
      const replay: Replay.Replay = {
        id: EventStream.ReplayId.make(`folder-${all.length + 1}`),
        name: window.name,
        provider,
        // It copies what it has at once; a real one is RUNNING for a while.
        progress: { state: "COMPLETED", lastReplayedDate: end },
        topics: window.topics,
        start: Instant.format(window.start),
        end,
        destination: Destination.format(window.destination)
      }
      return [AtomicSubmission.Answer.Created({ replay, correlationId }), [...all, { replay, window }]]
    })

  const request = (window: PlannedWindow.PlannedWindow) => ({
    operation: "replay into a folder",
    name: window.name,
    policy: RetryPolicy.defaults,
    send: send(window),
    lookUp: standing(window)
  })

  return ReplayProvider.ReplayProvider.of({
    provider,
    target: "folders of this machine",
    submit: (window) => AtomicSubmission.submit(request(window)),
    check: (window) =>
      Effect.map(standing(window), (found) =>
        Option.toArray(found).map((one) =>
          StandingReplay.finding(window.name, one, AtomicSubmission.conflict(request(window), found))
        )
      ),
    findByName: (name) =>
      Effect.map(
        withName(name),
        Option.map(({ replay }) => replay)
      ),
    describe: (id) => Effect.map(withId("describe", id), ({ replay }) => replay),
    list: ({ name } = {}) =>
      Stream.fromIterableEffect(Ref.get(kept)).pipe(
        Stream.map(({ replay }) => replay),
        Stream.filter((replay) => name === undefined || replay.name === name)
      ),
    cancel: (id) =>
      Effect.flatMap(withId("cancel", id), ({ replay: { name } }) =>
        Ref.update(kept, (all) =>
          all.map((one) =>
            one.replay.name === name ? { ...one, replay: { ...one.replay, progress: { state: "CANCELLED" } } } : one
          )
        )
      )
  })
})

/** The provider. `ReplayPipeline.layer({ state, provider: layer })` replays what the planner has planned. */
export const layer = Layer.effect(ReplayProvider.ReplayProvider, make)
