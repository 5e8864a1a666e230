// What a frontend says of each code of the charts' route. Generated types must find every code of theirs here.
export const EXPLANATIONS = {
  unauthenticated: "not allowed",
  forbidden: "not allowed",
  not_found: "gone",
  invalid_json: "wrong",
  invalid_request: "wrong",
  invalid_chart: "wrong",
  body_too_large: "wrong",
  unsupported_media_type: "wrong",
  generation_in_progress: "again",
  upstream_busy: "again",
  upstream_error: "again",
  upstream_timeout: "again",
  internal_error: "again",
} as const;
