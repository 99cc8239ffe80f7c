/** Topics by their number: those of conversations as `ConversationTopic` lists them, and the one of audits behind them. Loads nothing. */
import * as ConversationTopic from "@genesys-replay/domain/ConversationTopic"
import * as ExpectedEvents from "@genesys-replay/domain/ExpectedEvents"

/** The number of the audits' topic. */
export const audit = ConversationTopic.names.length

/** How many topics there are. */
export const count = audit + 1

/** The number of flow outcomes, whose events have one id more. */
export const flowOutcome = ConversationTopic.names.indexOf("flow.outcome")

const byName = new Map<string, number>(ConversationTopic.names.map((name, number) => [name, number]))

/** The number of a conversation topic. */
export const of = (name: ConversationTopic.ConversationTopic): number => byName.get(name) ?? -1

/** The topic of this number as `detail-type` has it. */
export const detailType = (number: number): string => {
  const name = ConversationTopic.names[number]
  return name === undefined ? ConversationTopic.auditDetailType : ConversationTopic.detailType(name)
}

const notDerivable = new Set(ExpectedEvents.notDerivable.map(of))

/** Whether no record tells of the topic. */
export const isDerivable = (number: number): boolean => !notDerivable.has(number)

const byDetailType = new Map<string, number>(
  Array.from({ length: count }, (_, number) => [detailType(number), number] as const)
)

/** The topic with its ids, as `detail.topicName` has it. */
const spelled = /^v2\.detail\.events\.conversation\.[^.]+\.(.+)$/

/** The number of an event's topic by its `detail-type`, else by its `detail.topicName`; -1 for every other topic. */
export const ofEvent = (detailType: unknown, topicName: unknown): number => {
  if (typeof detailType === "string") return byDetailType.get(detailType) ?? -1
  if (typeof topicName !== "string") return -1
  if (topicName.startsWith("v2.audits.entitytype.")) return audit
  return byName.get(spelled.exec(topicName)?.[1] ?? "") ?? -1
}
