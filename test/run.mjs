/**
 * Everything that `npm test` checks, two checks at a time. What a check says is shown when it ends; the last one says it as it goes.
 * A check that fails ends none of the others: at the end stands which did. Exit code 0 where none did.
 */
import { spawn } from "node:child_process"

// Much of what these do is waiting for processes, beside which others get on.
const apart = ["crash", "simulation"]

// Packed as they are compiled, which checking the types does.
const packed = "tarballs"

const vitest = (option, values) => ["npx", "vitest", "run", ...values.flatMap((value) => [option, value])]

const checks = [
  { name: "types", command: ["npm", "run", "--silent", "types"] },
  { name: "bundle", command: ["npm", "run", "--silent", "bundle"] },
  { name: "lint", command: ["npm", "run", "--silent", "lint"] },
  // The command line is tried as it is bundled, so a bundle of before would be no use. The import rules are among these.
  {
    name: "tests",
    command: vitest(
      "--exclude",
      [...apart, packed].map((project) => `test/${project}/**`)
    ),
    after: ["bundle"]
  },
  {
    name: apart.join(" and "),
    command: [...vitest("--project", apart), "--minWorkers=1", "--maxWorkers=1"],
    after: ["bundle"]
  },
  { name: packed, command: vitest("--project", [packed]), after: ["bundle", "types"] }
]

const waiting = [...checks]
const running = new Set()
const ended = new Map()
const since = performance.now()
const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`

/** What it has said is shown once it ended, or at once where nothing else could come between. */
const speak = (run) => {
  if (!run.titled) process.stdout.write(`\n── ${run.name}\n`)
  run.titled = true
  for (const piece of run.said.splice(0)) process.stdout.write(piece)
}

const end = (run, ok) => {
  if (ended.has(run.name)) return
  running.delete(run)
  ended.set(run.name, ok)
  speak(run)
  process.stdout.write(`── ${run.name}: ${ok ? "passed" : "FAILED"} after ${seconds(run.since)}\n`)
  next()
}

const start = ({ command: [program, ...args], name }) => {
  const run = { name, said: [], since: performance.now(), titled: false }
  running.add(run)
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] })
  const heard = (piece) => {
    run.said.push(piece)
    if (running.size === 1 && waiting.length === 0) speak(run)
  }
  child.stdout.on("data", heard)
  child.stderr.on("data", heard)
  child.on("error", (error) => {
    run.said.push(`${error.message}\n`)
    end(run, false)
  })
  child.on("close", (code) => end(run, code === 0))
}

/** Starts what may start: two at a time, none before what it needs, and none at all where that failed. */
function next() {
  for (const check of [...waiting]) {
    if (running.size === 2) break
    const before = (check.after ?? []).map((name) => ({ name, ok: ended.get(name) }))
    const failed = before.find(({ ok }) => ok === false)
    if (failed !== undefined) {
      waiting.splice(waiting.indexOf(check), 1)
      ended.set(check.name, false)
      process.stdout.write(`\n── ${check.name}: not run, as it needs the ${failed.name}\n`)
    }
    if (before.some(({ ok }) => ok !== true)) continue
    waiting.splice(waiting.indexOf(check), 1)
    start(check)
  }
  if (running.size > 0) return
  const failed = checks.map(({ name }) => name).filter((name) => ended.get(name) !== true)
  process.stdout.write(
    failed.length === 0 ? `\nAll passed after ${seconds(since)}.\n` : `\nFailed: ${failed.join(", ")}.\n`
  )
  process.exitCode = failed.length === 0 ? 0 : 1
}

next()
