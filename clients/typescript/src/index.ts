export { createPetitionClient, type PetitionClient, type PetitionOptions } from "./client.js";
export type { components, operations, paths } from "./schema.js";

import type { components } from "./schema.js";

type Schemas = components["schemas"];

export type Person = Schemas["Person"];
export type ChartData = Schemas["ChartData"];
export type GeneratedChart = Schemas["GeneratedChart"];
/** The codes of every route's errors. `code` is absent where API Gateway answers by itself. */
export type ErrorCode = Extract<Schemas[keyof Schemas], { requestId: string }>["code"];
