import { drawCharts } from "./charts.js";
import { FORMS } from "./forms.js";
import { showForm } from "./form.js";
import { send } from "./send.js";
import { forgetSession, readSession, signIn } from "./session.js";

const description = fetch("/pages/stack.json").then((answer) => answer.json());
const buttons = document.querySelectorAll(".session button");

async function show() {
  const session = readSession();
  document.getElementById("who").textContent = session ? `Signed in as ${session.name}` : "Nobody is signed in.";
  for (const button of buttons) {
    const isCurrent = session ? button.dataset.signIn === session.name : "signOut" in button.dataset;
    button.setAttribute("aria-pressed", String(isCurrent));
  }
  await drawCharts(await description, session);
}

// Before the first `await`: a click as soon as the page is shown counts.

for (const button of buttons) {
  button.addEventListener("click", async () => {
    forgetSession();
    if (button.dataset.signIn) await signIn(await description, button.dataset.signIn);
    await show();
  });
}

for (const form of FORMS(await description)) document.getElementById("forms").append(showForm(form, send));
document.getElementById("copy").addEventListener("click", () =>
  navigator.clipboard.writeText(document.getElementById("curl").textContent),
);
await show();
