// Hands the one-time link's secret to the API with a new account, and says in words what came of it.
"use strict";

const find = (id) => document.getElementById(id);
const form = find("account");
const FIELDS = ["name", "email", "password"];
const FIELD_OF = {
  name_malformed: "name",
  email_malformed: "email",
  email_taken: "email",
  password_length: "password",
  password_easy: "password",
  wrong_credentials: "password",
};
const MALFORMED = { name: "name_malformed", email: "email_malformed", password: "password_length" };
let secret = "";

// Keeps the secret in this page alone: out of the address bar, the history and any bookmark.
function takeSecret() {
  const shown = location.hash.slice(1);
  if (shown === "") return;
  secret = shown;
  history.replaceState(null, "", location.pathname + location.search);
}

function begin() {
  takeSecret();
  find("by-hand").hidden = true;
  find("done").hidden = true;
  find("join").hidden = true;
  find("unsafe").hidden = window.isSecureContext || secret === "";
  form.hidden = secret === "";
  if (secret === "") tell("no_secret");
  else quiet();
}

function quiet() {
  find("told").hidden = true;
  for (const name of FIELDS) find(name).removeAttribute("aria-invalid");
}

function tell(code, values = {}) {
  const known = document.querySelector(`#sentences [data-code="${CSS.escape(code)}"]`);
  let text = (known ?? document.querySelector('#sentences [data-code="refused"]')).textContent;
  for (const [name, value] of Object.entries(values)) text = text.replace(`{${name}}`, value);
  find("told").textContent = text;
  find("told").hidden = false;
  const field = FIELD_OF[code];
  if (field !== undefined) {
    find(field).setAttribute("aria-invalid", "true");
    find(field).focus();
  }
}

// Returns {body} of an answer, or {code, values} of a refusal.
async function ask(path, body, bearer) {
  const headers = { "Content-Type": "application/json" };
  if (bearer !== undefined) headers.Authorization = `Bearer ${bearer}`;
  const how = { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" };
  try {
    const answer = await fetch(`api/v1/${path}`, how);
    const shown = answer.status === 204 ? {} : await answer.json();
    return answer.ok ? { body: shown } : refusalOf(answer, shown);
  } catch {
    return { code: "no_answer" };
  }
}

function refusalOf(answer, shown) {
  if (answer.status === 429) {
    return { code: "too_many", values: { seconds: answer.headers.get("Retry-After") } };
  }
  if (answer.status >= 500) return { code: "busy" };
  if (shown.code === "invalid") {
    const where = (shown.errors ?? []).map((fault) => fault.where);
    if (where.includes("secret")) return { code: "link_invalid" };
    const field = FIELDS.find((name) => where.includes(name));
    if (field !== undefined) return { code: MALFORMED[field] };
  }
  return { code: shown.code ?? "refused", values: { title: shown.title } };
}

async function acceptAsNew(account) {
  const row = { ...account, secret, language: document.documentElement.lang };
  return ask("superadmin/accept", row);
}

async function acceptAsKnown(account) {
  const login = await ask("auth/login", { email: account.email, password: account.password });
  if (login.body === undefined) return login;
  const access = login.body.access_token;
  const joined = await ask("superadmin/join", { secret }, access);
  if (joined.body !== undefined) return login;
  await ask("auth/logout", {}, access);
  return joined;
}

async function run(accept) {
  const account = Object.fromEntries(FIELDS.map((name) => [name, find(name).value]));
  quiet();
  for (const name of ["submit", "join"]) find(name).disabled = true;
  const found = await accept(account);
  for (const name of ["submit", "join"]) find(name).disabled = false;
  if (found.body !== undefined) await end(account.email, found.body.access_token);
  else refuse(found);
}

function refuse({ code, values }) {
  find("join").hidden = !["email_taken", "wrong_credentials"].includes(code);
  if (code === "link_invalid") {
    secret = "";
    form.hidden = true;
  }
  tell(code, values);
}

async function end(email, access) {
  secret = "";
  form.reset();
  form.hidden = true;
  for (const id of ["join", "unsafe"]) find(id).hidden = true;
  find("done-as").textContent = email;
  find("done").hidden = false;
  find("done-title").focus();
  await ask("auth/logout", {}, access); // nobody keeps this session: people sign in anew
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void run(acceptAsNew);
});
form.addEventListener("input", (event) => {
  event.target.removeAttribute("aria-invalid");
  if (event.target.id === "email") find("join").hidden = true;
});
find("join").addEventListener("click", () => {
  if (form.reportValidity()) void run(acceptAsKnown);
});
find("show").addEventListener("change", (event) => {
  find("password").type = event.target.checked ? "text" : "password";
});
window.addEventListener("hashchange", begin);
begin();
