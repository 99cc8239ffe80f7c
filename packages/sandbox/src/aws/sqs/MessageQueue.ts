/** One standard queue of SQS: messages wait, are handed out for a while, and go when they are deleted. */
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
}

interface Message extends NewMessage {
  readonly id: string
  readonly sentAt: number
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

/**
 * The messages of a queue, in the order in which they were sent. Mutable, and every method one step: the queue of a
 * test holds a hundred thousand of them.
 */
export class MessageQueue {
  private readonly messages = new Map<string, Message>()

  constructor(private readonly random: SeededRandom) {}

  /** Takes a message in and answers its id. Instants are epoch milliseconds. */
  send(message: NewMessage, now: number, delay: number): string {
    const id = this.random.uuid()
    this.messages.set(id, {
      ...message,
      id,
      sentAt: now,
      visibleAt: now + delay,
      firstReceivedAt: undefined,
      receiveCount: 0,
      receiptHandle: undefined
    })
    return id
  }

  /** Hands out at most `most` messages, and hides them for `visibility` milliseconds. */
  receive(most: number, now: number, visibility: number): ReadonlyArray<Received> {
    const received: Array<Received> = []
    for (const message of this.messages.values()) {
      if (received.length >= most) break
      if (message.visibleAt > now) continue
      const receiptHandle = `${message.id}${this.random.text(64)}`
      const firstReceivedAt = message.firstReceivedAt ?? now
      message.firstReceivedAt = firstReceivedAt
      message.receiptHandle = receiptHandle
      message.receiveCount += 1
      message.visibleAt = now + visibility
      const { attributes, body, id, md5, receiveCount, sentAt } = message
      received.push({ attributes, body, id, md5, receiveCount, sentAt, firstReceivedAt, receiptHandle })
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

  private handedOut(handle: string): Message | undefined {
    const message = this.messages.get(handle.slice(0, idLength))
    return message?.receiptHandle === handle ? message : undefined
  }
}
