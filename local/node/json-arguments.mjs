// Loaded before Supabase Lite: its PostgreSQL driver writes a JSON argument, which is JSON text by then, as a JSON string.
// PostgREST and Lite's own PGlite driver pass the text on. This goes when Lite does the same here.
import { registerHooks } from "node:module";

const WRAPPER = new URL("postgres.mjs", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const isDriver = specifier === "postgres" && context.parentURL?.includes("/@supabase/lite/");
    return isDriver ? { url: WRAPPER, shortCircuit: true } : next(specifier, context);
  },
});
