import { get, logIn } from "/api.js";
import { byId, text } from "/dom.js";
import { Detail } from "/detail.js";
import { List } from "/list.js";
import { Store } from "/store.js";

const store = new Store();
const list = new List(store);
const detail = new Detail(store);
const main = byId("main");
const find = byId("find");

function route() {
  const [, kind, name, tab] = location.hash.split("/");
  if (kind === "vm" && name) {
    main.classList.add("open");
    const vm = decodeURIComponent(name);
    detail.open(vm, tab);
    list.select(vm);
    document.title = `${vm} · vmctl`;
  } else {
    main.classList.remove("open");
    detail.close();
    list.select(null);
    document.title = "vmctl";
  }
}

const typing = () => {
  const at = document.activeElement;
  return at && (at.matches("input, textarea") || at.closest(".terminal, .screen, dialog"));
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && document.activeElement === find) {
    find.value = "";
    list.find("");
    find.blur();
    return;
  }
  if (typing()) {
    if (event.key === "Enter" && document.activeElement === find) list.focus(list.beside(0));
    return;
  }
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (event.key === "/") find.focus();
  else if (event.key === "?") byId("keys").showModal();
  else if (event.key === "Escape") location.hash = "#/";
  else if (/^[1-5]$/.test(event.key)) detail.tab(Number(event.key) - 1);
  else if (step && !document.activeElement?.closest("[role=tabpanel], [role=tablist]")) list.focus(list.beside(step));
  else return;
  event.preventDefault();
});
find.addEventListener("input", () => list.find(find.value));
byId("keys-close").addEventListener("click", () => byId("keys").close());
addEventListener("hashchange", route);
store.addEventListener("link", (event) => text(byId("link"), event.detail === "open" ? "" : "The daemon does not answer; trying again."));
addEventListener("vmctl:logged-out", (event) => {
  store.stop();
  text(byId("door-why"), event.detail.detail ?? "");
  byId("door").hidden = false;
});

async function begin() {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) {
    history.replaceState(null, "", "/"); // It is spent: not for the history, nor for who looks on.
    await logIn(code);
  }
  await get("/v1/info");
  route();
  store.start();
}

begin().catch((problem) => {
  if (problem.status !== 401) {
    text(byId("door-why"), problem.message);
    byId("door").hidden = false;
  }
});
