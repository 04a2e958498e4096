"use strict";
(() => {
  const data = document.body.dataset;

  const make = (name, className, text) => {
    const element = document.createElement(name);
    element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // Copying. The clipboard is there on secure origins only; localhost is one, an address in the local network is not.
  const copy = document.getElementById("copy");
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const text = document.getElementById("text").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.body.appendChild(make("textarea", ""));
      area.value = text;
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy as text"; }, 2000);
  });

  if (!data.record) return;

  const ask = async (what, content) => {
    const response = await fetch(data.base + what, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret: data.secret, ...content }),
    });
    let answer;
    try {
      answer = await response.json();
    } catch {
      answer = { error: `The server answers ${response.status}.` };
    }
    return { status: response.status, ...answer };
  };

  // The PIN. This browser may have given it already; what waits for it is told whether it was given.
  const lock = document.getElementById("lock");
  const pin = document.getElementById("pin");
  const problem = document.getElementById("pin-error");
  let known = false;
  let told = null;

  const unlock = async () => {
    try {
      known = Boolean((await ask("known", {})).known);
    } catch {
      known = false;
    }
    if (known) return true;
    if (told) told(false);
    return new Promise((resolve) => {
      told = resolve;
      problem.textContent = "";
      pin.value = "";
      if (!lock.open) lock.showModal();
      pin.focus();
    });
  };
  lock.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    let answer;
    try {
      answer = await ask("pin", { pin: pin.value });
    } catch {
      answer = { error: "The server cannot be reached." };
    }
    if (answer.ok) {
      known = true;
      lock.close();
    } else {
      problem.textContent = answer.error;
      pin.select();
    }
  });
  document.getElementById("pin-cancel").addEventListener("click", () => lock.close());
  lock.addEventListener("close", () => { if (told) told(known); told = null; });

  const openConsole = (frame) => {
    const number = Number(frame.dataset.frame);
    const box = frame.appendChild(make("div", "console"));
    const log = box.appendChild(make("div", "log"));
    log.setAttribute("role", "log");
    const entry = box.appendChild(make("div", "entry"));
    const prompt = entry.appendChild(make("span", "prompt", ">>>"));
    const input = entry.appendChild(make("textarea", ""));
    input.rows = 1;
    input.spellcheck = false;
    input.autocapitalize = "off";
    input.autocomplete = "off";
    input.setAttribute("aria-label", "Python code");
    const history = [];
    let place = 0;
    let begun = [];

    const say = (className, text) => {
      if (text) log.appendChild(make("pre", className, text.replace(/\n$/, "")));
    };
    const fit = () => { input.rows = input.value.split("\n").length; };

    const run = async (line) => {
      say("typed", (begun.length ? "... " : ">>> ") + line.replace(/\n/g, "\n... "));
      begun.push(line);
      entry.classList.add("busy");
      try {
        let answer = await ask("evaluate", { record: data.record, frame: number, code: begun.join("\n") });
        if (answer.status === 401) {
          known = false;
          if (await unlock()) answer = await ask("evaluate", { record: data.record, frame: number, code: begun.join("\n") });
        }
        if (!answer.more) begun = [];
        say(answer.error ? "wrong" : "said", answer.error || answer.output);
      } catch {
        begun = [];
        say("wrong", "The server cannot be reached.");
      }
      entry.classList.remove("busy");
      prompt.textContent = begun.length ? "..." : ">>>";
      entry.scrollIntoView({ block: "nearest" });
    };

    let running = Promise.resolve();
    input.addEventListener("input", fit);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        const line = input.value;
        if (line.trim()) history.push(line);
        place = history.length;
        input.value = "";
        fit();
        running = running.then(() => line.trim() || begun.length ? run(line) : undefined);
      } else if (event.key === "Tab" && !event.shiftKey && (begun.length || input.value.includes("\n")) && !input.value.trim()) {
        event.preventDefault();
        input.setRangeText("    ", input.selectionStart, input.selectionEnd, "end");
      } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !input.value.includes("\n")) {
        const next = place + (event.key === "ArrowUp" ? -1 : 1);
        if (next < 0 || next > history.length) return;
        event.preventDefault();
        place = next;
        input.value = history[place] ?? "";
        fit();
      }
    });
    box.addEventListener("click", () => { if (!String(getSelection())) input.focus(); });
    frame.open = true;
    input.focus();
  };

  for (const frame of document.querySelectorAll("[data-frame]")) {
    const open = make("button", "open", ">_");
    open.type = "button";
    open.title = "Console in this frame";
    open.setAttribute("aria-label", open.title);
    open.addEventListener("click", async (event) => {
      event.preventDefault();
      const there = frame.querySelector(":scope > .console textarea");
      if (there) {
        frame.open = true;
        there.focus();
      } else if (known || await unlock()) {
        openConsole(frame);
      }
    });
    frame.querySelector("summary").appendChild(open);
  }
})();
