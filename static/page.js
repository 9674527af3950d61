// What pages gain by script. Every page works without it, but for what says otherwise.
"use strict";

/** A button beside each command that copies it. */
function offerCopies() {
  if (!navigator.clipboard) return; // only where the page came over TLS or from this machine
  for (const command of document.querySelectorAll(".command")) {
    const button = document.createElement("button");
    const tool = command.querySelector("b").textContent;
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy the command for ${tool}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    command.append(button);
  }
}

/** Selects that send their form as soon as another choice is made. */
function sendAtOnce() {
  for (const select of document.querySelectorAll("select[data-send]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
}

/** Invitations carry their token behind the #, which no server and no log gets to see. */
function useInvitation() {
  const token = /^#\/?\?token=(.+)$/.exec(location.hash)?.[1];
  if (!token) return;
  const link = document.querySelector("[data-invited]");
  const field = document.querySelector("[data-invitation]");
  if (link) location.replace(link.href + location.hash);
  if (field) field.value = decodeURIComponent(token);
}

/** Long work that goes on: its bar and its words each second, and its outcome as soon as there is one. */
function watchWork() {
  for (const work of document.querySelectorAll("[data-watch]")) {
    const bar = work.querySelector("progress");
    const said = work.querySelector(".said");
    const look = async () => {
      const answer = await fetch(work.dataset.watch, { cache: "no-store" }).catch(() => null);
      const told = answer?.ok ? (await answer.json())[work.dataset.job] : null;
      if (told && !told.running) return location.replace(location.pathname);
      if (told) {
        said.textContent = told.said;
        if (told.total) Object.assign(bar, { max: told.total, value: told.done });
        else bar.removeAttribute("value");
      }
      setTimeout(look, 1000);
    };
    setTimeout(look, 500);
  }
}

offerCopies();
useInvitation();
sendAtOnce();
watchWork();
