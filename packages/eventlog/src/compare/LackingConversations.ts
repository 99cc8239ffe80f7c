/** Which conversations lack events, those that lack the most first. */
import type { MissingRecord } from "./MissingEvents.js"

/** A conversation that lacks something. */
export interface LackingConversation {
  readonly conversationId: string
  /** How many events of it are missing. */
  readonly missing: number
  /** The `detail-type` of those, each once. */
  readonly topics: ReadonlyArray<string | null>
}

/** The conversations that lack something. */
export interface LackingConversations {
  /** How many there are; at least so many where `isTruncated`. */
  readonly count: number
  /** Those that lack the most, at most as many as were asked for. */
  readonly first: ReadonlyArray<LackingConversation>
  /** Whether there were more than are kept in memory. What is told of those in `first` is right all the same. */
  readonly isTruncated: boolean
}

/** So many conversations are told apart. */
const mostConversations = 200_000

interface Lacks {
  missing: number
  readonly topics: Set<string | null>
}

/** Counts missing events by conversation. */
export class ConversationTally {
  private readonly found = new Map<string, Lacks>()
  private isTruncated = false

  /** Counts an event; one of no conversation does not count. */
  add({ conversationId, topic }: MissingRecord): void {
    if (conversationId === null) return
    const known = this.found.get(conversationId)
    if (known !== undefined) {
      known.missing++
      known.topics.add(topic)
    } else if (this.found.size < mostConversations) {
      this.found.set(conversationId, { missing: 1, topics: new Set([topic]) })
    } else this.isTruncated = true
  }

  /** What was counted, with the `most` conversations that lack the most. */
  result(most: number): LackingConversations {
    const sorted = [...this.found].sort(
      ([left, { missing: lacksLeft }], [right, { missing: lacksRight }]) =>
        lacksRight - lacksLeft || (left < right ? -1 : 1)
    )
    const first = sorted.slice(0, most).map(([conversationId, { missing, topics }]) => ({
      conversationId,
      missing,
      topics: [...topics].sort()
    }))
    return { count: this.found.size, first, isTruncated: this.isTruncated }
  }
}
