import createClient, { type Client, type FetchResponse, type MaybeOptionalInit } from "openapi-fetch";
import type { paths } from "./schema.js";

export interface PetitionOptions {
  /** The API's origin, such as `https://api.example.org`; the page's own where left out. */
  baseUrl?: string;
  /** A Supabase access token, or a function that gives the current one. Without one the browser's cookie is sent. */
  session?: string | (() => string | null | undefined | Promise<string | null | undefined>);
  /** How often a busy answer is repeated after the time that it names; 2 where left out. */
  retries?: number;
  /** The longest time to wait for that, in seconds; 10 where left out. A longer one is left to the caller. */
  maxWait?: number;
  fetch?: typeof globalThis.fetch;
}

type Init<Path extends keyof paths> = MaybeOptionalInit<paths[Path], "post">;

/** openapi-fetch's client, which alone would let a misspelt field of a body pass. */
export interface PetitionClient extends Omit<Client<paths>, "POST"> {
  POST<Path extends keyof paths>(
    path: Path,
    ...init: undefined extends Init<Path> ? [init?: Init<Path>] : [init: Init<Path>]
  ): Promise<FetchResponse<paths[Path]["post"], Init<Path>, `${string}/${string}`>>;
}

const BUSY = [409, 503];

/** A client of the five routes. Every path, body, answer and error code is typed. */
export function createPetitionClient({ session, ...options }: PetitionOptions = {}): PetitionClient {
  const { baseUrl = "", retries = 2, maxWait = 10, fetch = globalThis.fetch } = options;

  async function send(request: Request): Promise<Response> {
    const token = typeof session === "function" ? await session() : session;
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    // None of the routes does anything twice that it does once, so that each may be asked again.
    for (let repeat = 0; ; repeat += 1) {
      const response = await fetch(request.clone());
      const wait = BUSY.includes(response.status) ? Number(response.headers.get("Retry-After") ?? Infinity) : Infinity;
      if (repeat >= retries || !(wait <= maxWait)) return response;
      await pause(wait, request.signal);
    }
  }
  return createClient<paths>({ baseUrl, fetch: send, credentials: "include" }) as PetitionClient;
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal.removeEventListener("abort", stop), resolve()), seconds * 1000);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
