// The client `postgres` as Supabase Lite 0.10.0 should set it up. It writes a JSON argument, which is JSON text by then,
// as a JSON string, and reads a time as `2026-11-22 15:10:29.622+00`. Remove this once Lite does as PostgREST does.
import postgres from "postgres";

const toText = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const toIso = (time) => time.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");

export default function connect(url, { types, ...options }) {
  const json = { ...types.json, serialize: toText };
  const jsonb = { ...types.jsonb, serialize: toText };
  const timestamp = { ...types.timestamp, parse: toIso };
  const timestamptz = { ...types.timestamptz, parse: toIso };
  return postgres(url, { ...options, types: { ...types, json, jsonb, timestamp, timestamptz } });
}
