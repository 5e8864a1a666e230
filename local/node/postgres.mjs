// The client `postgres` for Supabase Lite, with JSON arguments passed on as they are: see json-arguments.mjs.
import postgres from "postgres";

const asText = (type) => ({ ...type, serialize: (value) => (typeof value === "string" ? value : JSON.stringify(value)) });

export default function connect(url, { types, ...options }) {
  return postgres(url, { ...options, types: { ...types, json: asText(types.json), jsonb: asText(types.jsonb) } });
}
