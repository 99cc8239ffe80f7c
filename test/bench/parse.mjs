/** The question answered the plain way: JSON.parse on every line, a set of indices for each group. */
import { closeSync, openSync, readSync } from "node:fs"

const [path] = process.argv.slice(2)
const groups = new Map()
const add = (line) => {
  const event = JSON.parse(line)
  const name = event["replay-name"] ?? null
  const group = groups.get(name) ?? { events: 0, indices: new Set() }
  groups.set(name, group)
  group.events++
  group.indices.add(event.detail.sequenceIndex)
}
const file = openSync(path, "r")
const buffer = Buffer.alloc(1_048_576)
let held = 0
for (;;) {
  const count = readSync(file, buffer, held, buffer.length - held, null)
  if (count === 0) break
  const end = held + count
  let from = 0
  for (let at = buffer.indexOf(10, from); at !== -1 && at < end; at = buffer.indexOf(10, from)) {
    add(buffer.toString("utf8", from, at))
    from = at + 1
  }
  buffer.copyWithin(0, from, end)
  held = end - from
}
closeSync(file)
const rows = [...groups].map(([group, { events, indices }]) => {
  let [first, last] = [Number.POSITIVE_INFINITY, -1]
  for (const index of indices) {
    if (index < first) first = index
    if (index > last) last = index
  }
  return [group, events, indices.size, last - first + 1 - indices.size]
})
console.log(JSON.stringify(rows))
