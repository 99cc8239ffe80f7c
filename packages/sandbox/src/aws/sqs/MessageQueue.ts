/** One queue of SQS, standard or FIFO: messages wait, are handed out for a while, and go when they are deleted. */
import type { SeededRandom } from "../../world/SeededRandom.js"

/** A value beside a message's body, as it was sent. */
export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string | undefined
  readonly BinaryValue?: string | undefined
}

/** What is sent. */
export interface NewMessage {
  readonly body: string
  readonly md5: string
  readonly attributes: { readonly [name: string]: MessageAttribute } | undefined
  /** Of a message to a FIFO queue: within a group order is kept, and of one deduplication id one message is taken in five minutes. */
  readonly fifo?: { readonly groupId: string; readonly deduplicationId: string } | undefined
}

/** A message that was handed out. */
export interface Received extends NewMessage {
  readonly id: string
  /** Names this handing out; the last one of a message is the one that deletes it. */
  readonly receiptHandle: string
  /** Epoch milliseconds. */
  readonly sentAt: number
  readonly firstReceivedAt: number
  readonly receiveCount: number
  /** Of a FIFO queue: higher for each message. */
  readonly sequenceNumber: string | undefined
}

interface Message extends NewMessage {
  readonly id: string
  readonly sentAt: number
  readonly sequenceNumber: string | undefined
  /** Until then nobody gets it. */
  visibleAt: number
  firstReceivedAt: number | undefined
  receiveCount: number
  receiptHandle: string | undefined
}

/** How many messages are there. */
export interface Depth {
  readonly waiting: number
  readonly inFlight: number
  readonly delayed: number
}

const idLength = 36

/** How long a FIFO queue remembers a deduplication id, in milliseconds. */
export const deduplicationInterval = 300_000

/** What a FIFO queue answers for a message that it took. */
export interface Accepted {
  readonly id: string
  readonly sequenceNumber: string
  readonly at: number
}

/**
 * The messages of a queue, in the order in which they were sent. Mutable, and every method one step: the queue of a
 * test holds a hundred thousand of them.
 */
export class MessageQueue {
  private readonly messages = new Map<string, Message>()
  /** By deduplication id, the oldest first. */
  private readonly accepted = new Map<string, Accepted>()
  private hasGroups = false
  private sequence = 18_850_000_000_000_000_000n

  constructor(private readonly random: SeededRandom) {}

  /**
   * Takes a message in and answers its id. Instants are epoch milliseconds. One that a FIFO queue took within five minutes under the same
   * deduplication id is taken, and handed out no second time: the answer is that of the first.
   */
  send(message: NewMessage, now: number, delay: number): string {
    const before = message.fifo === undefined ? undefined : this.acceptedAs(message.fifo.deduplicationId, now)
    if (before !== undefined) return before.id
    const id = this.random.uuid()
    const sequenceNumber = message.fifo === undefined ? undefined : this.nextSequenceNumber()
    if (message.fifo !== undefined && sequenceNumber !== undefined) {
      this.hasGroups = true
      this.accepted.set(message.fifo.deduplicationId, { id, sequenceNumber, at: now })
    }
    this.messages.set(id, {
      ...message,
      id,
      sentAt: now,
      sequenceNumber,
      visibleAt: now + delay,
      firstReceivedAt: undefined,
      receiveCount: 0,
      receiptHandle: undefined
    })
    return id
  }

  /** What a FIFO queue took under this deduplication id within five minutes. */
  acceptedAs(deduplicationId: string, now: number): Accepted | undefined {
    for (const [id, { at }] of this.accepted) {
      if (at + deduplicationInterval > now) break
      this.accepted.delete(id)
    }
    return this.accepted.get(deduplicationId)
  }

  /**
   * Hands out at most `most` messages, and hides them for `visibility` milliseconds. Of a group of a FIFO queue none is handed out while
   * one that was before it, or any that was handed out, is hidden.
   */
  receive(most: number, now: number, visibility: number): ReadonlyArray<Received> {
    const received: Array<Received> = []
    const closed = this.groupsInFlight(now)
    for (const message of this.messages.values()) {
      if (received.length >= most) break
      const group = message.fifo?.groupId
      if (group !== undefined && closed.has(group)) continue
      if (message.visibleAt > now) {
        if (group !== undefined) closed.add(group)
        continue
      }
      const receiptHandle = `${message.id}${this.random.text(64)}`
      const firstReceivedAt = message.firstReceivedAt ?? now
      message.firstReceivedAt = firstReceivedAt
      message.receiptHandle = receiptHandle
      message.receiveCount += 1
      message.visibleAt = now + visibility
      const { attributes, body, fifo, id, md5, receiveCount, sentAt, sequenceNumber } = message
      received.push({
        attributes,
        body,
        fifo,
        id,
        md5,
        receiveCount,
        sentAt,
        sequenceNumber,
        firstReceivedAt,
        receiptHandle
      })
    }
    return received
  }

  /** When the next message that is hidden now comes into sight; infinity when none is hidden. */
  nextVisibleAt(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const { visibleAt } of this.messages.values()) if (visibleAt > now && visibleAt < next) next = visibleAt
    return next
  }

  /** Whether a handle could be one of this sandbox's. */
  static isHandle(handle: string): boolean {
    return /^[0-9a-f-]{36}[\w-]{64}$/.test(handle)
  }

  /** Deletes what was handed out under this handle. Nothing happens where it was handed out again since. */
  remove(handle: string): void {
    const message = this.handedOut(handle)
    if (message !== undefined) this.messages.delete(message.id)
  }

  /** Hides a message until an instant. Answers whether it is handed out under this handle. */
  hide(handle: string, until: number): boolean {
    const message = this.handedOut(handle)
    if (message === undefined) return false
    message.visibleAt = until
    return true
  }

  /** Forgets every message. */
  purge(): void {
    this.messages.clear()
  }

  /** How many messages are there. */
  depth(now: number): Depth {
    let waiting = 0
    let inFlight = 0
    for (const { receiptHandle, visibleAt } of this.messages.values()) {
      if (visibleAt <= now) waiting += 1
      else if (receiptHandle !== undefined) inFlight += 1
    }
    return { waiting, inFlight, delayed: this.messages.size - waiting - inFlight }
  }

  private nextSequenceNumber(): string {
    this.sequence += 256n
    return String(this.sequence)
  }

  private groupsInFlight(now: number): Set<string> {
    const groups = new Set<string>()
    if (!this.hasGroups) return groups
    for (const { fifo, receiptHandle, visibleAt } of this.messages.values()) {
      if (fifo !== undefined && receiptHandle !== undefined && visibleAt > now) groups.add(fifo.groupId)
    }
    return groups
  }

  private handedOut(handle: string): Message | undefined {
    const message = this.messages.get(handle.slice(0, idLength))
    return message?.receiptHandle === handle ? message : undefined
  }
}
