/** What there is to say of the integrations with Amazon EventBridge, by themselves and for windows that are to be replayed. */
import {
  CheckOutcome,
  Destination,
  Instant,
  KnownTopics,
  type PlannedWindow,
  Plural,
  TopicPattern
} from "@genesys-replay/domain"
import { Array as Arr, DateTime, Option, Schema } from "effect"
import { busOf, type EventBridgeIntegration, isSourceOf } from "./Integrations.js"

type Integrations = ReadonlyArray<EventBridgeIntegration>
type Windows = ReadonlyArray<PlannedWindow.PlannedWindow>

const busNameOf = ({ destination }: PlannedWindow.PlannedWindow): string =>
  destination._tag === "EventBus" ? destination.arn.bus : Destination.format(destination)

/** The integration whose events are on the window's bus. */
const sourceOf = (all: Integrations, window: PlannedWindow.PlannedWindow): Option.Option<EventBridgeIntegration> =>
  Arr.findFirst(all, (one) => isSourceOf(one, busNameOf(window)))

/** Those that send to the buses of the windows; all of them where none does. */
const concerned = (all: Integrations, windows: Windows): Integrations => {
  const sources = Arr.getSomes(windows.map((window) => sourceOf(all, window)))
  return sources.length === 0 ? all : Arr.dedupe(sources)
}

const enable = "Enable it in Genesys Cloud: Admin, Integrations"

const ofState = ({ isEnabled, name, state, stateDetail }: EventBridgeIntegration): CheckOutcome.CheckOutcome => {
  if (!isEnabled) return CheckOutcome.failed(`${name} is disabled: it sends nothing`, enable)
  const code = Option.getOrElse(state, () => "of unknown state")
  if (code === "ACTIVE") return CheckOutcome.ok(`${name} is active`)
  const why = stateDetail === "" ? "" : ` (${stateDetail})`
  return (code === "ACTIVATING" ? CheckOutcome.warning : CheckOutcome.failed)(
    `${name} is enabled and ${code}${why}`,
    "Look at its details in Genesys Cloud: Admin, Integrations"
  )
}

/** Whether there is one that sends. One that does not, beside one that does, is worth a look. */
export const ofStates = (all: Integrations, windows: Windows): CheckOutcome.CheckOutcome => {
  const outcomes = concerned(all, windows).map(ofState)
  if (outcomes.length === 0) {
    return CheckOutcome.failed(
      "this organisation has no Amazon EventBridge integration: nothing is sent to AWS",
      "Add the integration Amazon EventBridge Source in Genesys Cloud: Admin, Integrations"
    )
  }
  const good = outcomes.filter(({ status }) => status === "ok")
  const told = CheckOutcome.worst(outcomes, CheckOutcome.ok(CheckOutcome.together(good.map(({ detail }) => detail))))
  return good.length > 0 && told.status === "failed" ? { ...told, status: "warning" } : told
}

const placeOf = ({ account, name, region, source }: EventBridgeIntegration): string =>
  `${name} sends to ${source} in ${account}, ${region}`

const ofWindowBus = (all: Integrations, window: PlannedWindow.PlannedWindow): CheckOutcome.CheckOutcome => {
  const { destination } = window
  const bus = busNameOf(window)
  if (destination._tag !== "EventBus" || !bus.startsWith("aws.partner/")) {
    return CheckOutcome.skipped(`${window.name} goes to ${bus}, which is not the bus of an integration`)
  }
  const correct = "Correct the destination of the window, or the account and region of the integration"
  const found = sourceOf(all, window)
  if (Option.isNone(found)) {
    const others = all.length === 0 ? "" : `: ${CheckOutcome.together(all.map(placeOf))}`
    return CheckOutcome.failed(`no integration of this organisation sends to ${bus}${others}`, correct)
  }
  const { account, name, region } = found.value
  const { region: ownRegion } = destination
  const ownAccount = destination.arn.account
  return ownAccount === account && ownRegion === region
    ? CheckOutcome.ok(`${name} sends to ${account} in ${region}`)
    : CheckOutcome.failed(
        `${name} sends to ${account} in ${region}, and ${window.name} goes to ${ownAccount} in ${ownRegion}`,
        correct
      )
}

/** Whether the windows' buses are those that integrations send to: source, account and region. */
export const ofBuses = (all: Integrations, windows: Windows): CheckOutcome.CheckOutcome => {
  if (windows.length === 0) {
    const buses = Arr.getSomes(all.map(busOf))
    return buses.length < all.length
      ? CheckOutcome.failed(
          `account or region is none: ${CheckOutcome.together(all.filter((one) => Option.isNone(busOf(one))).map(placeOf))}`,
          "Correct them in the configuration of the integration"
        )
      : CheckOutcome.ok(CheckOutcome.together(all.map(placeOf)))
  }
  const outcomes = Arr.dedupeWith(
    windows.map((window) => ofWindowBus(all, window)),
    (one, other) => one.detail === other.detail
  )
  const good = outcomes.filter(({ status }) => status === "ok").map(({ detail }) => detail)
  const told = CheckOutcome.worst(outcomes, CheckOutcome.ok(CheckOutcome.together(good)))
  return told.status === "skipped" && good.length > 0 ? CheckOutcome.ok(CheckOutcome.together(good)) : told
}

const isPattern = Schema.is(TopicPattern.TopicPattern)

/** Those of the window's notification topics that the integration does not send. */
const unsent = ({ topics }: EventBridgeIntegration, window: PlannedWindow.PlannedWindow): ReadonlyArray<string> => {
  const patterns = topics.filter(isPattern)
  return KnownTopics.unknown(
    window.topics.filter((topic) => topic.startsWith("v2.")),
    topics
  ).filter((topic) => !patterns.some((pattern) => TopicPattern.matches(pattern, topic)))
}

/** Whether what the windows ask for is sent at all: topics outside an integration's event filter never reach AWS. */
export const ofTopics = (all: Integrations, windows: Windows): CheckOutcome.CheckOutcome => {
  const sources = concerned(all, windows)
  if (windows.length === 0) {
    const empty = sources.filter(({ topics }) => topics.length === 0)
    const counts = sources.map(({ name, topics }) => `${name} sends ${Plural.counted(topics.length, "topic")}`)
    return empty.length === 0
      ? CheckOutcome.ok(CheckOutcome.together(counts))
      : CheckOutcome.failed(
          `the event filter is empty: ${CheckOutcome.together(empty.map(({ name }) => name))}`,
          "Add the topics to the event filter of the integration"
        )
  }
  const missing = windows.flatMap((window) =>
    Option.match(
      Option.orElse(sourceOf(all, window), () => (sources.length === 1 ? Arr.head(sources) : Option.none())),
      {
        onNone: () => [],
        onSome: (source) =>
          unsent(source, window).map((topic) => `${source.name} does not send ${topic} (${window.name})`)
      }
    )
  )
  return missing.length === 0
    ? CheckOutcome.ok("every notification topic of the windows is in the event filter")
    : CheckOutcome.failed(
        CheckOutcome.together(missing),
        "Add them to the event filter of the integration: they are sent from then on, and what was not sent cannot be replayed"
      )
}

const isWithin = (at: DateTime.Utc, window: PlannedWindow.PlannedWindow, now: DateTime.Utc): boolean => {
  const end = Option.getOrElse(window.end, () => now)
  return DateTime.lessThanOrEqualTo(window.start, at) && DateTime.lessThan(at, end)
}

/** Whether an integration changed within a window, which may explain a gap there. The platform tells the latest change of its state only. */
export const ofChanges = (all: Integrations, windows: Windows, now: DateTime.Utc): CheckOutcome.CheckOutcome => {
  const dated = concerned(all, windows).flatMap(({ name, stateSince, version }) =>
    Option.toArray(Option.map(stateSince, (at) => ({ name, at, version })))
  )
  if (dated.length === 0) return CheckOutcome.skipped("no integration says when its state changed")
  const within = dated.flatMap(({ at, name }) =>
    windows
      .filter((window) => isWithin(at, window, now))
      .map((window) => `${name} changed at ${Instant.format(at)}, within ${window.name}`)
  )
  return within.length > 0
    ? CheckOutcome.warning(
        CheckOutcome.together(within),
        "This may explain a gap: compare what came before with what came after"
      )
    : CheckOutcome.ok(
        CheckOutcome.together(
          dated.map(
            ({ at, name, version }) =>
              `${name} since ${Instant.format(at)}${Option.match(version, { onNone: () => "", onSome: (number) => `, version ${number}` })}`
          )
        )
      )
}
