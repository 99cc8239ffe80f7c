/** The replay that a window asks for, in AWS's terms. */
import { ArchiveReplay, type BusWindow, Destination } from "@genesys-replay/domain"
import { type DateTime, Option } from "effect"
import type * as AwsReplay from "./AwsReplay.js"
import * as ReplayName from "./ReplayName.js"

/** What starts a replay. */
export const operation = "events:StartReplay"

/** What is asked of AWS, and the window that asks it. */
export interface WantedReplay extends AwsReplay.Wanted {
  readonly name: string
  readonly window: BusWindow.BusWindow
  readonly partial: boolean
  readonly wish: ArchiveReplay.ArchiveWish | undefined
}

type Asked = ArchiveReplay.ArchiveReplay

/** The replay of `window`, asked for at `now`, which is its end where it has none. */
export const of = (window: BusWindow.BusWindow, now: DateTime.Utc): WantedReplay => {
  const { archive, partial = false, rules = [] } = Option.getOrElse(window.archive, (): Partial<Asked> => ({}))
  return {
    name: ReplayName.of(window.name),
    window,
    start: window.start,
    end: Option.getOrElse(window.end, () => now),
    endIsFixed: window.endIsFixed,
    bus: Destination.canonical(window.destination).text,
    rules,
    archive: archive === ArchiveReplay.create ? undefined : archive,
    wish: archive,
    partial
  }
}

/** What to do where a name is no longer free. */
export const anotherName =
  "AWS keeps the name of a replay for 90 days, also when it was cancelled: to replay the window, give it another name"

/** What a submission of it says where another replay has the name. */
export const conflicting = ({ name }: WantedReplay) => ({ operation, name, remedy: anotherName })
