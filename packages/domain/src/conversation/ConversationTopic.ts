/** The topics of conversation detail events, as the public catalogue has them. Loads nothing, so that threads which read events may use it. */

/** What stands before the name of a conversation topic in `detail-type`. */
export const prefix = "v2.detail.events.conversation.{id}."

/** The names of the topics, without what all of them begin with. */
export const names = [
  "acd.end",
  "acd.start",
  "acw",
  "attributes",
  "contact",
  "customer.end",
  "customer.start",
  "flow.end",
  "flow.outcome",
  "flow.start",
  "outbound",
  "user.end",
  "user.start",
  "voicemail.end",
  "voicemail.start",
  "wrapup"
] as const

/** The name of a conversation topic: `acd.start`. */
export type ConversationTopic = (typeof names)[number]

/** The topic as `detail-type` has it: `v2.detail.events.conversation.{id}.acd.start`. */
export const detailType = (name: ConversationTopic): string => `${prefix}${name}`

/** The topic of audits, as `detail-type` has it. */
export const auditDetailType = "v2.audits.entitytype.{id}.entityid.{id}"

/** Conversation topics by their `detail-type`. */
export const byDetailType: ReadonlyMap<string, ConversationTopic> = new Map(
  names.map((name) => [detailType(name), name])
)
