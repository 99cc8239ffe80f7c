/** What the positions of a map are, for a reader: sequence indices, or times. */
import type * as GapMap from "../../map/GapMap.js"
import type { Placed } from "./MapLabel.js"

/** How a map of such positions is labelled and spoken of. `SequenceAxis` and `TimelineAxis` make one. */
export interface MapAxis {
  /** `Gap map of the indices 1 – 60,000`. */
  readonly title: (range: GapMap.Range) => string
  /** What the map shows, and how much one step of it is. */
  readonly caption: (map: GapMap.GapMap) => string
  /** `12,001 – 16,000`, `10:05 – 10:12`. */
  readonly rangeText: (range: GapMap.Range) => string
  /** `4,000 indices`, `34 events`. */
  readonly counted: (count: number) => string
  /** What may be missing alone: `index`, `event`. */
  readonly one: string
  /** The rows of labels below the map, and what is to be said of them. */
  readonly labels: (
    range: GapMap.Range,
    places: ReadonlyArray<GapMap.Range>
  ) => { readonly rows: ReadonlyArray<ReadonlyArray<Placed>>; readonly note: string | undefined }
  /** How high a map is filled: by the share that came, or by how many were expected and came. */
  readonly height: "share" | "volume"
}
