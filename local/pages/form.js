// Shows one form of forms.js.

export function showForm(form, send) {
  const element = document.createElement("form");
  element.id = form.id;
  element.noValidate = true;
  element.append(heading(form), ...examples(form, element), ...form.fields.map((field) => row(form, field)), button());
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = read(element);
    return send(form.path(values), form.body(values), form.summarize);
  });
  return element;
}

function read(element) {
  return Object.fromEntries([...new FormData(element)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
}

function heading({ title, hint }) {
  const group = document.createElement("div");
  group.className = "wide";
  group.append(make("h2", { textContent: title }));
  if (hint) group.append(make("p", { className: "hint", textContent: hint }));
  return group;
}

function examples({ examples: given }, element) {
  if (!given) return [];
  const group = make("div", { className: "field wide" });
  group.append(make("span", { className: "hint", textContent: given.label }));
  for (const [words, values] of given.values) {
    const choose = make("button", { type: "button", className: "quiet", textContent: words });
    choose.addEventListener("click", () => fill(element, values));
    group.append(choose);
  }
  return [group];
}

/** Empty the other fields: a value left in one of them would spoil the example. */
function fill(element, values) {
  element.reset();
  for (const [name, value] of Object.entries(values)) element.elements[name].value = value;
}

function row(form, { name, label, wide, suggestions, ...given }) {
  const id = `${form.id}-${name}`;
  const group = make("div", { className: wide ? "field wide" : "field" });
  const control = input({ id, name, ...given });
  group.append(make("label", { htmlFor: id, textContent: label }), control);
  for (const [value, words] of Object.entries(suggestions ?? {})) {
    const choose = make("button", { type: "button", className: "quiet", textContent: words });
    choose.addEventListener("click", () => (control.value = value));
    group.append(choose);
  }
  return group;
}

function input({ id, name, type = "text", value = "", options, rows }) {
  if (type === "select") {
    const select = make("select", { id, name });
    for (const [option, words] of Object.entries(options)) select.append(new Option(words, option));
    return select;
  }
  if (type === "textarea") return make("textarea", { id, name, value, rows });
  return make("input", { id, name, value, type, autocomplete: "off", spellcheck: false });
}

function button() {
  const group = make("div", { className: "wide" });
  group.append(make("button", { type: "submit", textContent: "Send" }));
  return group;
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
