/**
 * The process begins. A shell that completes a line is answered without the command line; and while that is loaded, another thread already
 * reads the log that is to be verified.
 */
import * as ReadAhead from "@genesys-replay/eventlog/ReadAhead"

const [command, ...words] = process.argv.slice(2)
if (command === "verify" && !words.includes("--json-schema")) {
  const [log, ...more] = words.filter((word) => ReadAhead.sizeOf(word) > 0)
  // Of several logs another plan is made; and whatever the options say, the reader takes only what it would have begun itself.
  if (log !== undefined && more.length === 0) ReadAhead.begin(new URL("./LogWorker.js", import.meta.url), log)
}

await (command === "__complete" ? import("./completions/complete.js") : import("./wiring/Process.js"))
