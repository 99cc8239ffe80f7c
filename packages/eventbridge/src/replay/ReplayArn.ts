/** The ARN of a replay, which is its id: it tells the region, so that a replay is found whatever region is configured. */
import { EventStream } from "@genesys-replay/domain"
import { Option } from "effect"
import * as ReplayName from "./ReplayName.js"

const shape = /^arn:aws[a-z-]*:events:([a-z0-9-]+):\d{12}:replay\/([A-Za-z0-9._-]{1,64})$/

/** Where a replay is, and its name there. */
export interface Place {
  /** None for an id that is a name only: then the configured region is meant. */
  readonly region: Option.Option<string>
  readonly name: string
}

/** Reads the ARN or the name of a replay; none where no replay can have such an id. */
export const parse = (id: string): Option.Option<Place> => {
  const [, region, name] = shape.exec(id) ?? []
  if (region !== undefined && name !== undefined) return Option.some({ region: Option.some(region), name })
  return ReplayName.isName(id) ? Option.some({ region: Option.none(), name: id }) : Option.none()
}

/**
 * The ARN of the replay `name` from this archive, which is of the same account and region. AWS tells the ARN of a replay
 * only to those who ask for it by name, not in a list. The name alone where the archive's ARN is none.
 */
export const ofArchive = (archiveArn: string | undefined, name: string): EventStream.ReplayId => {
  const [own = "", rest] = (archiveArn ?? "").split(":archive/")
  return EventStream.ReplayId.make(rest === undefined ? name : `${own}:replay/${name}`)
}

/** The name of the archive with this ARN. */
export const archiveName = (archiveArn: string | undefined): string | undefined => archiveArn?.split(":archive/")[1]
