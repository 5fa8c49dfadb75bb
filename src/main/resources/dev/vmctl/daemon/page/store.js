import { get } from "/api.js";

const HISTORY = 60;
const LOOK = 2000;

/** The VMs as the daemon's watch tells of them, and what they use. */
export class Store extends EventTarget {
  vms = new Map();
  usage = new Map();
  #last = null;
  #source = null;
  #seen = null;
  #timer = 0;

  start() {
    this.#watch();
    this.#measure();
  }

  stop() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
  }

  /** A lost connection the browser takes up again where it was; a refused one it does not. */
  #watch() {
    this.#seen = new Set();
    const source = new EventSource("/v1/watch");
    this.#source = source;
    source.addEventListener("vm", (event) => {
      const vm = JSON.parse(event.data);
      this.#seen?.add(vm.name);
      this.vms.set(vm.name, vm);
      this.#tell("vm", vm.name);
    });
    source.addEventListener("gone", (event) => this.#drop(JSON.parse(event.data).name));
    source.addEventListener("synced", () => {
      if (this.#seen) {
        for (const name of this.vms.keys()) if (!this.#seen.has(name)) this.#drop(name);
        this.#seen = null;
      }
      this.#tell("synced");
    });
    source.addEventListener("open", () => this.#tell("link", "open"));
    source.addEventListener("error", () => {
      this.#tell("link", "lost");
      if (source.readyState === EventSource.CLOSED && this.#source === source) {
        source.close();
        get("/v1/info").catch(() => {}).finally(() => {
          if (this.#source === source) setTimeout(() => this.#source === source && this.#watch(), 1000);
        });
      }
    });
  }

  #drop(name) {
    this.vms.delete(name);
    this.usage.delete(name);
    this.#tell("gone", name);
  }

  /** Counters come; what lies between two of them is ours to reckon. */
  async #measure() {
    try {
      if (!document.hidden) {
        const now = { at: performance.now(), vms: await get("/v1/usage") };
        const before = this.#last;
        this.#last = now;
        for (const [name, use] of Object.entries(now.vms)) {
          const known = this.usage.get(name) ?? { cpu: [], memory: [] };
          const then = before?.vms[name];
          if (then && use.cpuMillis >= then.cpuMillis) {
            known.cpu = [...known.cpu, (use.cpuMillis - then.cpuMillis) / (now.at - before.at)].slice(-HISTORY);
          }
          known.memory = [...known.memory, use.memoryBytes].slice(-HISTORY);
          this.usage.set(name, known);
        }
        for (const name of this.usage.keys()) if (!now.vms[name]) this.usage.delete(name);
        this.#tell("usage");
      }
    } catch {
      this.#last = null; // The watch tells that the daemon is away.
    }
    if (this.#source) this.#timer = setTimeout(() => this.#measure(), LOOK);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** How a VM is, in one of five tones and few words. */
export function tone(vm) {
  const ready = vm.conditions.find((each) => each.type === "Ready");
  const held = vm.holds.length > 0;
  if (vm.state === "unknown") return { tone: "unknown", words: "unknown", why: ready?.message ?? "" };
  if (vm.failure) return { tone: "bad", words: vm.state, why: vm.failure.message };
  if (/^(failed|crashed)$/.test(vm.state)) return { tone: "bad", words: vm.state, why: vm.policy?.lastExit?.reason ?? ready?.reason ?? "" };
  if (vm.activity) return { tone: "busy", words: vm.state, why: vm.activity };
  if (vm.state === "running" && vm.ready) return { tone: "good", words: "running", why: "" };
  if (vm.state === "running") return { tone: "busy", words: "running", why: ready?.reason ?? "not ready" };
  return { tone: "off", words: vm.state, why: held ? `held: ${vm.holds[0].reason}` : "" };
}

/** Where it is declared, and whether that is in force. */
export function declared(vm) {
  const short = (commit) => commit?.slice(0, 8);
  if (vm.commit) {
    const behind = vm.commit.running !== vm.commit.wanted;
    return {
      text: short(vm.commit.wanted) + " " + vm.source.split("/").pop(),
      drift: behind ? `runs ${short(vm.commit.running) ?? "none"}` : drift(vm),
    };
  }
  return { text: vm.source, drift: drift(vm) };
}

function drift(vm) {
  if (vm.pinned != null) return `pinned to ${vm.pinned}`;
  if (vm.outOfSync) return "change waits";
  return vm.generation !== vm.observedGeneration ? "behind" : "";
}
