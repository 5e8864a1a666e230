import { readSession } from "./session.js";

/* global SwaggerUIBundle */
const session = readSession();
document.getElementById("who").textContent = session
  ? `"Try it out" sends the ${session.name}'s session.`
  : `Nobody is signed in: "Try it out" is answered with 401 until you sign in on the page of the forms.`;

SwaggerUIBundle({
  dom_id: "#reference",
  url: "/pages/openapi.json",
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (session) request.headers.Authorization = `Bearer ${session.token}`;
    return request;
  },
});
