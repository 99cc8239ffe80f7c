/** The replay that a window asks for, in AWS's terms. */
import { ArchiveReplay, EventBusArn, Instant, type PlannedWindow } from "@genesys-replay/domain"
import { type DateTime, Option, Schema } from "effect"
import type * as AwsReplay from "./AwsReplay.js"
import * as ReplayName from "./ReplayName.js"

/** What starts a replay. */
export const operation = "events:StartReplay"

/** What is asked of AWS, and the window that asks it. */
export interface WantedReplay extends AwsReplay.Wanted {
  readonly name: string
  readonly window: PlannedWindow.PlannedWindow
  readonly partial: boolean
  readonly wish: ArchiveReplay.ArchiveWish | undefined
}

const parseArn = Schema.decodeOption(EventBusArn.FromString)

/** The bus as AWS itself names it: service `events`, and a region where the ARN leaves it out. */
export const busOf = ({ payload }: PlannedWindow.PlannedWindow): string => {
  const { arn, region } = payload.destination.eventBridgeConfig
  return Option.match(parseArn(arn), {
    onNone: () => arn,
    onSome: (bus) =>
      `arn:${bus.partition}:events:${Option.getOrElse(bus.region, () => region)}:${bus.account}:event-bus/${bus.bus}`
  })
}

const instantOf = (text: string | undefined, otherwise: DateTime.Utc): DateTime.Utc =>
  Option.getOrElse(Option.flatMap(Option.fromNullable(text), Instant.parse), () => otherwise)

/** The replay of `window`, asked for at `now`. */
export const of = (window: PlannedWindow.PlannedWindow, now: DateTime.Utc): WantedReplay => {
  const asked = window.eventbridge
  return {
    name: ReplayName.of(window.name),
    window,
    start: instantOf(window.payload.replayConfig.startDate, now),
    end: instantOf(asked?.end, now),
    endIsFixed: asked?.endIsFixed ?? false,
    bus: busOf(window),
    rules: asked?.rules ?? [],
    archive: asked?.archive === ArchiveReplay.create ? undefined : asked?.archive,
    wish: asked?.archive,
    partial: asked?.partial ?? false
  }
}

/** What to do where a name is no longer free. */
export const anotherName =
  "AWS keeps the name of a replay for 90 days, also when it was cancelled: to replay the window, give it another name"

/** What a submission of it says where another replay has the name. */
export const conflicting = ({ name }: WantedReplay) => ({ operation, name, remedy: anotherName })
