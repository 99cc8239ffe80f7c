/** The records of one source as JSON values, found as `RecordScanner` finds them. */
import type * as EventRecord from "../scan/EventRecord.js"
import { type Place, RecordScanner } from "../scan/RecordScanner.js"

/** What is told of the records, in their order. */
export interface JsonSink {
  /**
   * Takes a record, or says why it is none. `line` from 1; `byte` is where the record begins in the source, undefined where it begins the
   * line.
   */
  value(value: unknown, line: number, byte: number | undefined): string | undefined
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

  protected override take(value: unknown, { from, line }: Place): string | undefined {
    return this.values.value(value, line, this.byteOf(from))
  }
}
