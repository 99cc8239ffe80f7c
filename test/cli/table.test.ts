import { describe, expect, it } from "@effect/vitest"
import * as Table from "../../apps/cli/src/terminal/Table.js"

const columns = [{ title: "name", shrink: true, least: 6 }, { title: "count", right: true }, { title: "state" }]

describe("a table", () => {
  it("lines its columns up, whatever the names are written in", () => {
    const rows = [
      ["outage", "7", "ok"],
      ["障害時間帯", "1200", "ok"],
      ["cafe\u0301 👩‍💻", "3", "\u001b[31mbad\u001b[39m"]
    ]
    expect(Table.render(columns, rows, 80).split("\n")).toEqual([
      "name        count  state",
      "outage          7  ok",
      "障害時間帯   1200  ok",
      "cafe\u0301 👩‍💻         3  \u001b[31mbad\u001b[39m"
    ])
  })

  it("cuts the names where it would be wider than the terminal, between characters", () => {
    expect(Table.render(columns, [["障害時間帯が長い", "7", "ok"]], 24).split("\n")[1]).toBe("障害時間…       7  ok")
  })
})
