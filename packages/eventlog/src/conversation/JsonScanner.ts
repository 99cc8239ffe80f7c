/** The records of one source as JSON values, found as `RecordScanner` finds them. */
import * as EventRecord from "../scan/EventRecord.js"
import { RecordScanner } from "../scan/RecordScanner.js"

/** What is told of the records, in their order. */
export interface JsonSink {
  /** `line` from 1; `byte` is where the record begins in the source, undefined where it begins the line. */
  value(value: unknown, line: number, byte: number | undefined): void
  /** See `RecordSink`. */
  rejected(line: number, byte: number | undefined, reason: string): void
}

/** No record has it, so that all of them go through the parser. */
const nowhere: EventRecord.Layout = { index: ["\ud800"], group: null }

/** Scans one source after another. */
export class JsonScanner extends RecordScanner {
  constructor(private readonly values: JsonSink) {
    super(
      nowhere,
      { observed: () => undefined, rejected: (line, byte, reason) => values.rejected(line, byte, reason) },
      true
    )
  }

  protected override parse(line: number, from: number, length: number): void {
    const parsed = EventRecord.parseLine(this.kernel.bytes.subarray(from, from + length))
    if (parsed === undefined) return
    if (parsed._tag === "Rejected") this.values.rejected(line, this.byteOf(from), parsed.reason)
    else this.values.value(parsed.value, line, this.byteOf(from))
  }
}
