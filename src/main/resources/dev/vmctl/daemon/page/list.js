import { attribute, byId, bytes, h, spark, text } from "/dom.js";
import { declared, tone } from "/store.js";

/**
 * All VMs, a row each. Rows out of sight are neither laid out nor painted (content-visibility), and
 * of those there are only what has changed is written, so a thousand are as quick as ten.
 */
export class List {
  #store;
  #rows = new Map();
  #list = byId("list");
  #query = "";
  #pending = new Set();
  #scheduled = false;
  current = null;

  constructor(store) {
    this.#store = store;
    store.addEventListener("vm", (event) => this.#later(event.detail));
    store.addEventListener("gone", (event) => this.#later(event.detail));
    store.addEventListener("synced", () => this.#later(null));
    store.addEventListener("usage", () => this.#sparks());
  }

  find(query) {
    this.#query = query.trim().toLowerCase();
    for (const [name, row] of this.#rows) row.item.hidden = !this.#matches(this.#store.vms.get(name));
    this.#tally();
  }

  select(name) {
    if (this.current) this.#rows.get(this.current)?.link.removeAttribute("aria-current");
    this.current = name;
    const row = this.#rows.get(name);
    row?.link.setAttribute("aria-current", "true");
    row?.item.scrollIntoView({ block: "nearest" });
  }

  /** The name so many rows further on, of those that are shown. */
  beside(step) {
    const shown = [...this.#list.children].filter((item) => !item.hidden).map((item) => item.dataset.name);
    const at = shown.indexOf(this.focused() ?? this.current);
    return shown[Math.max(0, Math.min(shown.length - 1, at + step))];
  }

  focused() {
    return document.activeElement?.closest?.("#list li")?.dataset.name;
  }

  focus(name) {
    const row = this.#rows.get(name);
    row?.link.focus({ preventScroll: true });
    row?.item.scrollIntoView({ block: "nearest" });
  }

  /** However much comes, it is written once a frame. */
  #later(name) {
    if (name) this.#pending.add(name);
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      const names = [...this.#pending];
      this.#pending.clear();
      let added = false;
      for (const each of names) added = this.#write(each) || added;
      if (added) this.#sort();
      this.#tally();
    });
  }

  #write(name) {
    const vm = this.#store.vms.get(name);
    let row = this.#rows.get(name);
    if (!vm) {
      row?.item.remove();
      this.#rows.delete(name);
      return false;
    }
    const isNew = !row;
    if (isNew) {
      row = this.#row(name);
      this.#rows.set(name, row);
    }
    const how = tone(vm);
    attribute(row.state, "class", `state ${how.tone}`);
    text(row.words, how.words);
    text(row.why, how.why);
    const by = declared(vm);
    text(row.drift, by.drift);
    text(row.from, (by.drift ? " " : "") + by.text);
    attribute(row.link, "title", how.why ? `${vm.name}: ${how.why}` : vm.name);
    row.item.hidden = !this.#matches(vm);
    if (name === this.current) row.link.setAttribute("aria-current", "true");
    return isNew;
  }

  #row(name) {
    const words = h("span");
    const why = h("small");
    const state = h("span", {}, words, why);
    const cpu = spark(`CPU of ${name}`);
    const memory = h("span", { class: "wide num quiet" });
    const drift = h("b");
    const from = h("span");
    const link = h("a", { class: "row", href: `#/vm/${encodeURIComponent(name)}` },
      h("span", { class: "name" }, name), state, h("span", { class: "wide" }, cpu), memory,
      h("span", { class: "wide from" }, drift, from));
    const item = h("li", {}, link);
    item.dataset.name = name;
    return { item, link, state, words, why, cpu, memory, drift, from };
  }

  #sort() {
    const order = [...this.#rows.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    this.#list.append(...order.map((name) => this.#rows.get(name).item));
  }

  #sparks() {
    for (const [name, row] of this.#rows) {
      const use = this.#store.usage.get(name);
      if (!use && !row.memory.textContent) continue;
      row.cpu.draw(use?.cpu ?? [], Math.max(1, this.#store.vms.get(name)?.vcpus ?? 1));
      text(row.memory, use ? bytes(use.memory.at(-1)) : "");
    }
  }

  #matches(vm) {
    if (!this.#query || !vm) return true;
    const labels = Object.entries(vm.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    const all = [vm.name, vm.state, vm.source, vm.backend, ...labels].join(" ").toLowerCase();
    return this.#query.split(/\s+/).every((word) => all.includes(word));
  }

  #tally() {
    const counts = {};
    let shown = 0;
    for (const vm of this.#store.vms.values()) {
      const { tone: kind } = tone(vm);
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (this.#matches(vm)) shown++;
    }
    const words = { good: "running", busy: "on the way", bad: "failing", unknown: "unknown", off: "stopped" };
    const tally = byId("tally");
    tally.replaceChildren(...Object.entries(words).filter(([kind]) => counts[kind])
      .map(([kind, word]) => h("span", { class: kind }, h("b", {}, String(counts[kind])), ` ${word}`)));
    const empty = byId("empty");
    empty.hidden = shown > 0;
    text(empty, this.#store.vms.size ? "No VM matches." : "No VMs yet. They appear as VMFiles declare them.");
  }
}
