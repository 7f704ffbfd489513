// Keeps the live page fresh: the office sends the figures as HTML whenever they have changed.
"use strict";

const figures = document.getElementById("figures");
const events = new EventSource(document.body.dataset.events);

events.addEventListener("figures", (event) => {
  figures.innerHTML = event.data; // made and escaped by our own office
  document.body.classList.remove("stale");
});
events.addEventListener("open", () => document.body.classList.remove("stale"));
events.addEventListener("error", () => document.body.classList.add("stale"));
