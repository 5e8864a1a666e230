// Loaded before Supabase Lite, which then uses the PostgreSQL client in postgres.mjs, whose values are like PostgREST's.
import { registerHooks } from "node:module";

const CLIENT = new URL("postgres.mjs", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const isLites = specifier === "postgres" && context.parentURL?.includes("/@supabase/lite/");
    return isLites ? { url: CLIENT, shortCircuit: true } : next(specifier, context);
  },
});
