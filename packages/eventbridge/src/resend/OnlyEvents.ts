/**
 * Certain events that are to be sent, and no others: as a comparison of captures names them, whole, or as the platform's own
 * records do, by what an event of them must be about.
 */
import { createHash } from "node:crypto"
import { EventIdentity } from "@genesys-replay/domain"
import { Either, Option, Predicate } from "effect"
import { IdentitySet } from "./IdentitySet.js"
import * as ResendEvent from "./ResendEvent.js"

const textAt = (value: unknown, ...path: EventIdentity.Path): string | null => {
  const found = EventIdentity.valueAt(value, path)
  return Predicate.isString(found) ? found : null
}

const subjects = ["participantId", "sessionId", "flowOutcomeId"] as const

const nameOf = (topic: string, about: string, others: ReadonlyArray<string | null>): string =>
  createHash("sha256")
    .update(JSON.stringify([topic, about, ...others]), "utf8")
    .digest("hex")
    .slice(0, 32)

// An event that is expected: its topic, and whom it is about.
const nameOfExpected = (value: unknown): Option.Option<string> => {
  const [topic, about] = [textAt(value, "topic"), textAt(value, "conversationId")]
  return topic === null || about === null
    ? Option.none()
    : Option.some(
        nameOf(
          topic,
          about,
          subjects.map((key) => textAt(value, key))
        )
      )
}

// The same of an event that came. An audit is about itself.
const nameOfEvent = ({ envelope, event: { topic } }: ResendEvent.Read): string => {
  const about =
    textAt(envelope, "detail", "eventBody", "conversationId") ?? textAt(envelope, "detail", "eventBody", "id")
  return nameOf(
    topic,
    about ?? "",
    subjects.map((key) => textAt(envelope, "detail", "eventBody", key))
  )
}

const parsed = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** See above. */
export class OnlyEvents {
  private readonly ids = new IdentitySet()
  private readonly names = new IdentitySet()

  /** How many are named. */
  get size(): number {
    return this.ids.size + this.names.size
  }

  /** Takes in what a record names: an event, or one that is expected. Left where it names none. */
  add(input: ResendEvent.Input): Either.Either<void, ResendEvent.Rejected> {
    const name = "text" in input ? Option.flatMap(parsed(input.text), nameOfExpected) : Option.none()
    if (Option.isSome(name)) {
      this.names.add(name.value)
      return Either.void
    }
    for (const read of ResendEvent.read(input)) {
      if (Either.isLeft(read)) return Either.left(read.left)
      this.ids.add(read.right.event.id)
    }
    return Either.void
  }

  /** Those of them that this event is; none where it is no such event. */
  match(read: ResendEvent.Read): ReadonlyArray<string> {
    const ids = this.ids.has(read.event.id) ? [read.event.id] : []
    const name = this.names.size > 0 ? nameOfEvent(read) : undefined
    return name !== undefined && this.names.has(name) ? [...ids, name] : ids
  }
}
