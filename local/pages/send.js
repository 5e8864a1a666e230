// Sends a request to the API, and shows it with its answer.
import { readSession } from "./session.js";

const find = (id) => document.getElementById(id);

export async function send(path, body, summarize) {
  const session = readSession();
  const headers = { "Content-Type": "application/json", ...(session && { Authorization: `Bearer ${session.token}` }) };
  const began = performance.now();
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "include" });
  const text = await response.text();
  show({ path, body, session, response, text, milliseconds: performance.now() - began, summarize });
  return response.ok ? JSON.parse(text) : null;
}

function show({ path, body, session, response, text, milliseconds, summarize }) {
  const answer = parse(text);
  find("nothing").hidden = true;
  find("sent").hidden = false;
  find("status").textContent = `${response.status} ${response.statusText}`;
  find("status").className = response.ok ? "good" : "bad";
  find("took").textContent = `in ${milliseconds.toFixed(0)} ms`;
  find("request-id").textContent = response.headers.get("x-request-id") ?? "none";
  find("answer").textContent = answer === undefined ? text : JSON.stringify(answer, null, 2);
  find("curl").textContent = curl(path, body, session);
  find("exchange").scrollIntoView({ block: "nearest" });
  find("summary").replaceChildren(...(response.ok && summarize ? summary(summarize(answer)) : []));
}

/** Show the token as $TOKEN, which `make session` sets: a screenshot of the page then shows no token. */
function curl(path, body, session) {
  const lines = [
    `curl ${location.origin}${path}`,
    "-H 'Content-Type: application/json'",
    ...(session ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
  ];
  return lines.join(" \\\n  ");
}

function summary({ text, columns, rows = [] }) {
  const line = Object.assign(document.createElement("p"), { className: "summary", textContent: text });
  if (!rows.length) return [line];
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of columns) head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: name }));
  const body = table.createTBody();
  for (const values of rows) {
    const row = body.insertRow();
    for (const value of values) row.insertCell().textContent = value;
  }
  const scroll = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0 });
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", "Found");
  scroll.append(table);
  return [line, scroll];
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
