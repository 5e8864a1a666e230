// Calls the API at API_URL with the client, as the arguments say, and prints what came of it.
import { createPetitionClient } from "petition-client";

const sent: number[] = [];
const options = JSON.parse(process.argv[2] ?? "{}");
const client = createPetitionClient({
  baseUrl: process.env["API_URL"]!,
  session: async () => "token-" + sent.length,
  fetch: (request) => (sent.push(Date.now()), fetch(request)),
  ...options,
});
const { data, error, response } = await client.POST("/api/charts/{id}", {
  params: { path: { id: "2d7071b4-43c6-54aa-845f-8a8292863f04" } },
  ...(options.abortAfter ? { signal: AbortSignal.timeout(options.abortAfter) } : {}),
}).catch((reason: Error) => ({ data: undefined, error: reason.name, response: { status: 0 } }));
console.log(JSON.stringify({ data, error, status: response.status, waits: sent.slice(1).map((at, i) => at - sent[i]!) }));
