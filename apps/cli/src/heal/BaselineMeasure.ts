/** What a heal measures by: the events of a baseline. */
import { EventTime, InstantText, TopicPattern } from "@genesys-replay/domain"
import { Comparison, LogSource } from "@genesys-replay/eventlog"
import type { Heal } from "@genesys-replay/pipeline"
import { Chunk, DateTime, Effect, Option, Schema, Stream } from "effect"
import * as OutputFile from "../terminal/OutputFile.js"
import * as HealFiles from "./HealFiles.js"

const minute = 60_000
