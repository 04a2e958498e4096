const by = document.currentScript.dataset.by;
const form = document.getElementById("say");
const list = document.getElementById("messages");

function show(message) {
  const item = document.createElement("li");
  item.textContent = `${message.author}: ${message.text}`;
  list.append(item);
}

let say;
if (by === "socket") {
  const socket = new WebSocket(`ws://${location.host}/socket`);
  socket.onmessage = event => show(JSON.parse(event.data));
  const opened = new Promise(resolve => (socket.onopen = resolve));
  say = text => opened.then(() => socket.send(text));
} else {
  say = text => fetch("/messages", { method: "POST", body: new URLSearchParams({ text, _xsrf: form._xsrf.value }) });
  poll(0);
}

async function poll(last) {
  const response = await fetch(`/messages?last=${last}`);
  const { messages } = await response.json();
  messages.forEach(show);
  poll(messages.at(-1).id);
}

form.onsubmit = event => {
  event.preventDefault();
  say(form.text.value);
  form.text.value = "";
};
