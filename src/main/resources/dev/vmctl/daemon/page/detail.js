import { command, get, look } from "/api.js";
import { ago, byId, bytes, h, spark, text } from "/dom.js";
import { confirm } from "/ask.js";
import { declared, tone } from "/store.js";

const TABS = ["overview", "plan", "events", "console", "screen"];

/** One VM: what there is to say of it, and what can be done. */
export class Detail {
  #store;
  #place = byId("vm");
  #name = null;
  #tab = "overview";
  #parts = null;
  #live = null;
  #asked = 0;

  constructor(store) {
    this.#store = store;
    store.addEventListener("vm", (event) => event.detail === this.#name && this.#update());
    store.addEventListener("gone", (event) => event.detail === this.#name && this.#update());
    store.addEventListener("usage", () => this.#meters());
  }

  open(name, tab) {
    const fresh = name !== this.#name;
    this.#name = name;
    this.#tab = TABS.includes(tab) ? tab : "overview";
    if (fresh) this.#build();
    this.#show();
  }

  close() {
    this.#leave();
    this.#name = null;
    this.#place.hidden = true;
  }

  tab(number) {
    if (this.#name && TABS[number]) location.hash = `#/vm/${encodeURIComponent(this.#name)}/${TABS[number]}`;
  }

  #build() {
    const name = this.#name;
    const state = h("span");
    const button = (word, ask) => h("button", { type: "button", onclick: ask }, word);
    const actions = {
      start: button("Start", () => this.#start()),
      stop: button("Stop", () => this.#stop()),
      reload: button("Reload", () => this.#reload()),
    };
    const tabs = TABS.map((tab) => h("button", {
      type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": "panel",
      onclick: () => { location.hash = `#/vm/${encodeURIComponent(name)}/${tab}`; },
    }, tab[0].toUpperCase() + tab.slice(1)));
    const panel = h("div", { role: "tabpanel", id: "panel", tabindex: "0" });
    this.#parts = { state, actions, tabs, panel };
    this.#place.replaceChildren(
      h("header", {}, h("a", { class: "back", href: "#/", "aria-label": "Back to the list" }, "‹"),
        h("h2", {}, name), state, h("div", { class: "actions" }, ...Object.values(actions))),
      h("div", { role: "tablist", "aria-label": name, onkeydown: (event) => this.#arrows(event) }, tabs),
      panel);
    this.#place.hidden = false;
    this.#head();
  }

  #arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS[(TABS.indexOf(this.#tab) + step + TABS.length) % TABS.length];
    location.hash = `#/vm/${encodeURIComponent(this.#name)}/${next}`;
    this.#parts.tabs[TABS.indexOf(next)].focus();
  }

  #show() {
    this.#leave();
    const { tabs, panel } = this.#parts;
    tabs.forEach((tab, i) => {
      const chosen = TABS[i] === this.#tab;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", `tab-${this.#tab}`);
    panel.className = this.#tab === "console" || this.#tab === "screen" ? "full" : "";
    panel.replaceChildren();
    if (this.#tab === "console" || this.#tab === "screen") this.#connect();
    else this.#update();
  }

  async #connect() {
    const name = this.#name;
    const place = this.#parts.panel;
    const module = this.#tab === "console" ? await import("/console.js") : await import("/screen.js");
    if (this.#parts.panel === place && this.#name === name && place.className === "full") {
      this.#leave();
      this.#live = module.open(name, place);
    }
  }

  #leave() {
    this.#live?.close();
    this.#live = null;
  }

  #head() {
    const vm = this.#store.vms.get(this.#name);
    const { state, actions } = this.#parts;
    const how = vm ? tone(vm) : { tone: "off", words: "there is no such VM", why: "" };
    state.className = `state ${how.tone}`;
    text(state, how.words + (how.why && how.tone !== "bad" ? `, ${how.why}` : ""));
    const up = vm && (vm.state === "running" || vm.state === "suspended" || vm.pid != null);
    actions.start.disabled = !vm || up;
    actions.stop.disabled = !vm || (!up && vm.holds.length > 0);
    actions.reload.disabled = !vm;
  }

  async #update() {
    if (!this.#parts) return;
    this.#head();
    const vm = this.#store.vms.get(this.#name);
    if (!vm || this.#live) return;
    const asked = ++this.#asked;
    const tab = this.#tab;
    let content = [];
    try {
      if (tab === "overview") content = this.#overview(vm);
      else if (tab === "plan") content = plan((await look(vm.name)).vm);
      else if (tab === "events") content = events(await get(`/v1/events?vm=${encodeURIComponent(vm.name)}`));
      else return;
    } catch (problem) {
      content = [h("p", { class: "failure" }, problem.message)];
    }
    if (asked === this.#asked && tab === this.#tab && this.#name === vm.name) {
      this.#parts.panel.replaceChildren(...content);
      if (tab === "overview") this.#meters();
    }
  }

  #overview(vm) {
    this.#parts.cpu = spark(`CPU of ${vm.name}`);
    this.#parts.memory = spark(`Memory of ${vm.name}`);
    this.#parts.cpuText = h("figcaption", {}, "CPU");
    this.#parts.memoryText = h("figcaption", {}, "Memory");
    const by = declared(vm);
    const facts = Object.entries({
      Backend: [vm.backend, vm.accel].filter(Boolean).join(", "),
      Size: `${vm.vcpus} ${vm.vcpus === 1 ? "CPU" : "CPUs"}, ${vm.memoryMb} MiB`,
      Network: [vm.network, vm.address, vm.sshPort && `SSH on port ${vm.sshPort}`].filter(Boolean).join(", "),
      Guest: vm.guest && [vm.guest.hostname, vm.guest.os].filter(Boolean).join(", "),
      Labels: Object.entries(vm.labels ?? {}).map(([key, value]) => `${key}=${value}`).join(", "),
      "Declared by": vm.source + (by.drift ? ` (${by.drift})` : ""),
      Commit: vm.commit && (vm.commit.running === vm.commit.wanted ? vm.commit.wanted : `${vm.commit.wanted} wanted, ${vm.commit.running ?? "none"} runs`),
      Generation: `${vm.generation} declared, ${vm.observedGeneration} applied`,
      Provisioned: vm.provision.total ? `${vm.provision.total} steps, ${vm.provision.done ? "done" : "not done"}` : "no steps",
      Restarts: vm.restarts ? String(vm.restarts) : "",
      Held: vm.holds.map((hold) => `${hold.reason}, by ${hold.by} ${ago(hold.at)} ago`).join("; "),
      Process: vm.pid && String(vm.pid),
      UUID: vm.uuid,
    }).filter(([, value]) => value);
    return [
      vm.failure && h("div", { class: "failure" }, h("p", {}, vm.failure.message, " ", h("code", {}, vm.failure.code)), vm.failure.help && h("p", { class: "quiet" }, vm.failure.help)),
      h("div", { class: "meters" }, h("figure", {}, this.#parts.cpu, this.#parts.cpuText), h("figure", {}, this.#parts.memory, this.#parts.memoryText)),
      h("dl", { class: "facts" }, facts.flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)])),
      table(["Condition", "Status", "Reason", "Since", ""], vm.conditions.map((each) =>
        h("tr", {}, h("td", {}, each.type), h("td", {}, each.status), h("td", {}, each.reason), h("td", { class: "when" }, ago(each.lastTransitionTime)), h("td", { class: "quiet" }, each.message)))),
    ].filter(Boolean);
  }

  #meters() {
    const vm = this.#store.vms.get(this.#name);
    const use = this.#store.usage.get(this.#name);
    if (!vm || !this.#parts?.cpu?.isConnected) return;
    const limit = vm.memoryMb * 1048576;
    this.#parts.cpu.draw(use?.cpu ?? [], Math.max(1, vm.vcpus));
    this.#parts.memory.draw(use?.memory ?? [], limit * 1.1);
    const cpu = use?.cpu.at(-1);
    text(this.#parts.cpuText, cpu == null ? "CPU" : `CPU ${Math.round(cpu * 100)} %`);
    text(this.#parts.memoryText, use ? `Memory ${bytes(use.memory.at(-1))} of the host, ${bytes(limit)} for the guest` : "Memory");
  }

  async #start() {
    const { version } = await look(this.#name);
    await command(`/v1/vms/${encodeURIComponent(this.#name)}/start`, version);
  }

  #stop() {
    const name = this.#name;
    confirm({
      title: `Stop ${name}?`,
      text: "The guest is asked to shut down and has 30 seconds; then its process is ended. It stays stopped until it is started. Its disks stay.",
      yes: "Stop", danger: true, name,
      act: (version) => command(`/v1/vms/${encodeURIComponent(name)}/stop?graceSeconds=30`, version),
    });
  }

  #reload() {
    const name = this.#name;
    confirm({
      title: `Reload ${name}?`,
      text: "It gets a new root disk from its image and is provisioned again. The disk of now goes to the trash, from where it can be had back for 7 days. Data disks stay.",
      yes: "Reload", danger: true, name,
      act: (version) => command(`/v1/vms/${encodeURIComponent(name)}/reload?provision=true`, version),
    });
  }
}

function table(heads, rows) {
  return h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows));
}

/** What would be changed, and how hard that hits. */
function plan(vm) {
  const due = (vm.fields ?? []).filter((field) => field.class || field.drifted);
  if (!due.length) return [h("p", { class: "quiet" }, "Nothing to do: what runs is what is declared.")];
  return [table(["Field", "Runs", "Declared", "Takes"], due.map((field) =>
    h("tr", {}, h("td", { class: "mono" }, field.path), h("td", { class: "mono" }, field.running ?? field.applied ?? "–"), h("td", { class: "mono" }, field.declared ?? "–"),
      h("td", {}, h("span", { class: `class ${field.drifted ? "drifted" : field.class}` }, field.drifted ? "drifted" : field.class)))))];
}

function events(all) {
  if (!all.length) return [h("p", { class: "quiet" }, "Nothing has happened yet.")];
  return [table(["When", "Reason", "What"], all.reverse().slice(0, 500).map((event) =>
    h("tr", { class: event.type.toLowerCase() === "warning" ? "warn" : null },
      h("td", { class: "when", title: event.time }, `${ago(event.time)} ago`), h("td", {}, event.reason + (event.count > 1 ? ` ×${event.count}` : "")), h("td", {}, event.message))))];
}
