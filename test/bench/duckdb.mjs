/** The question put to DuckDB: for each group the events, the distinct indices, the missing ones. */
import { DuckDBInstance } from "@duckdb/node-api"

const [path] = process.argv.slice(2)
const instance = await DuckDBInstance.create(":memory:")
const connection = await instance.connect()
const columns = `{"replay-name": 'VARCHAR', "detail": 'STRUCT("sequenceIndex" BIGINT)'}`
const reader = await connection.runAndReadAll(`
  select "replay-name", count(*), count(distinct number), max(number) - min(number) + 1 - count(distinct number)
  from (
    select "replay-name", detail."sequenceIndex" as number
    from read_json('${path.replaceAll("'", "''")}', format = 'newline_delimited', columns = ${columns})
  )
  group by "replay-name" order by "replay-name" nulls first`)
const groups = reader.getRows().map(([group, ...counts]) => [group, ...counts.map(Number)])
console.log(JSON.stringify(groups))
