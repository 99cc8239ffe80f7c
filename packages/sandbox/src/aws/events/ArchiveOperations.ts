/** Operations on archives. */
import { Effect, Option } from "effect"
import * as Arn from "../Arn.js"
import * as AwsError from "../AwsError.js"
import { implement } from "../AwsJson.js"
import * as Page from "../Page.js"
import * as Archives from "./Archives.js"
import * as Api from "./EventBridgeApi.js"
import * as EventBuses from "./EventBuses.js"

/** Filters of a list exclude one another. */
export const onlyOne = (filters: { readonly [name: string]: unknown }) => {
  const given = Object.keys(filters).filter((name) => filters[name] !== undefined)
  return given.length > 1
    ? AwsError.validation(`Only one of ${Object.keys(filters).join(", ")} can be specified.`)
    : Effect.void
}

const state = "ENABLED"

const made = (archive: Archives.Archive) => ({
  ArchiveArn: archive.arn,
  State: state,
  CreationTime: archive.createdAt
})

/** The operations. */
export const make = Effect.gen(function* () {
  const buses = yield* EventBuses.EventBuses
  const archives = yield* Archives.Archives

  const document = (archive: Archives.Archive) =>
    Effect.map(archives.holding(archive), ({ bytes, events }) => ({
      ArchiveName: archive.name,
      EventSourceArn: Arn.eventBus(archive.bus),
      State: state,
      RetentionDays: archive.retentionDays,
      SizeBytes: bytes,
      EventCount: events,
      CreationTime: archive.createdAt
    }))

  return [
    implement(Api.CreateArchive, (input) =>
      Effect.gen(function* () {
        const bus = Arn.eventBusName(input.EventSourceArn)
        if (Option.isNone(bus)) {
          return yield* AwsError.validation(
            "Parameter EventSourceArn is not valid. Reason: Must contain an event bus ARN."
          )
        }
        const pattern = yield* EventBuses.pattern(input.EventPattern)
        const source = yield* buses.get(bus.value)
        const archive = yield* archives.create({
          name: input.ArchiveName,
          bus: source.name,
          description: input.Description,
          pattern,
          retentionDays: input.RetentionDays ?? 0
        })
        return made(archive)
      })
    ),
    implement(Api.DescribeArchive, ({ ArchiveName }) =>
      Effect.gen(function* () {
        const archive = yield* archives.get(ArchiveName)
        return {
          ArchiveArn: archive.arn,
          ...(yield* document(archive)),
          Description: archive.description,
          EventPattern: Option.getOrUndefined(Option.map(archive.pattern, ({ text }) => text))
        }
      })
    ),
    implement(Api.UpdateArchive, ({ ArchiveName, Description, EventPattern, RetentionDays }) =>
      Effect.gen(function* () {
        const pattern = yield* EventBuses.pattern(EventPattern)
        const archive = yield* archives.change(ArchiveName, (before) => ({
          ...before,
          description: Description ?? before.description,
          pattern: Option.orElse(pattern, () => before.pattern),
          retentionDays: RetentionDays ?? before.retentionDays
        }))
        return made(archive)
      })
    ),
    implement(Api.DeleteArchive, ({ ArchiveName }) => Effect.as(archives.remove(ArchiveName), {})),
    implement(Api.ListArchives, ({ EventSourceArn, Limit, NamePrefix, NextToken, State }) =>
      Effect.gen(function* () {
        yield* onlyOne({ NamePrefix, EventSourceArn, State })
        const all = (yield* archives.all).filter(
          ({ bus, name }) =>
            name.startsWith(NamePrefix ?? "") &&
            (EventSourceArn === undefined || EventSourceArn === Arn.eventBus(bus)) &&
            (State === undefined || State === state)
        )
        const page = yield* Page.of(all, { limit: Limit, token: NextToken })
        return { Archives: yield* Effect.forEach(page.items, document), NextToken: page.next }
      })
    )
  ]
})
