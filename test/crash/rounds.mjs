/**
 * `npm run crash -- --rounds 100 --seed 7`: many rounds of killing and going on, against the sandbox. The same seed is the same
 * windows and the same kills; when exactly a process is hit is the machine's to say.
 */
import { spawn } from "node:child_process"
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "100" }, seed: { type: "string", default: "1" } }
})
const args = ["vitest", "run", "--project", "crash", "test/crash/apply.test.ts", "--disable-console-intercept"]
const env = { ...process.env, CRASH_ROUNDS: values.rounds, CRASH_SEED: values.seed }
spawn("npx", args, { stdio: "inherit", env }).on("close", (code) => {
  process.exitCode = code ?? 1
})
