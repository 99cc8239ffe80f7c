/** The question put to DuckDB: for each topic the events of the baseline, those that came, those that are missing, by five columns. */
import { DuckDBInstance } from "@duckdb/node-api"

const [baseline, capture] = process.argv.slice(2)
const instance = await DuckDBInstance.create(":memory:")
const connection = await instance.connect()
const columns = `{"detail-type": 'VARCHAR', "detail": 'STRUCT("topicName" VARCHAR, "eventBody" STRUCT("eventTime" BIGINT, "conversationId" VARCHAR, "participantId" VARCHAR, "sessionId" VARCHAR))'}`
const keys = (path) => `
  select "detail-type" as topic, detail."topicName" as name, detail."eventBody"."eventTime" as at, detail."eventBody"."conversationId" as conversation,
    detail."eventBody"."participantId" as participant, detail."eventBody"."sessionId" as session
  from read_json('${path.replaceAll("'", "''")}', format = 'newline_delimited', columns = ${columns})`
const reader = await connection.runAndReadAll(`
  with expected as (select distinct * from (${keys(baseline)})), observed as (select distinct * from (${keys(capture)}))
  select expected.topic, count(*), count(observed.name), count(*) - count(observed.name)
  from expected left join observed on expected.name = observed.name and expected.at = observed.at and expected.conversation = observed.conversation
    and expected.participant is not distinct from observed.participant and expected.session is not distinct from observed.session
  group by expected.topic order by expected.topic`)
console.log(JSON.stringify(reader.getRows().map(([topic, ...counts]) => [topic, ...counts.map(Number)])))
