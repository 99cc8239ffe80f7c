/**
 * The process begins. A shell that completes a line is answered without the command line; and while that is loaded, another thread already
 * reads the log that is to be verified.
 */
import * as ReadAhead from "@genesys-replay/eventlog/ReadAhead"

const [command, ...words] = process.argv.slice(2)
if (command === "verify" && !words.includes("--json-schema")) {
  const script = new URL("./LogWorker.js", import.meta.url)
  const logsIn = (some: ReadonlyArray<string>) => some.filter((word) => ReadAhead.sizeOf(word) > 0)
  const against = words.indexOf("--against")
  const [log, ...more] = logsIn(words)
  // Whatever the options say, the reader takes only what it would have begun itself.
  if (against === -1) {
    // Of several logs another plan is made.
    if (log !== undefined && more.length === 0) ReadAhead.begin(script, log)
  } else {
    const behind = words.slice(against + 1)
    const end = behind.findIndex((word) => word.startsWith("-"))
    const baseline = logsIn(end === -1 ? behind : behind.slice(0, end))
    ReadAhead.beginComparison(script, { baseline, capture: logsIn(words.slice(0, against)) })
  }
}

await (command === "__complete" ? import("./completions/complete.js") : import("./wiring/Process.js"))
