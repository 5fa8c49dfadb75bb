import { FitAddon } from "/vendor/xterm/addon-fit.mjs";
import { Terminal } from "/vendor/xterm/xterm.mjs";
import { socket } from "/api.js";
import { h, text } from "/dom.js";

/*
 * xterm.js writes its colours and sizes into <style> elements, which our policy forbids, as it
 * forbids all that does not come as a file. Sheets made by a script that may run are allowed: so a
 * stand-in takes the text and keeps it in one of those.
 */
const make = document.createElement.bind(document);
document.createElement = (tag, options) => (String(tag).toLowerCase() === "style" ? sheet() : make(tag, options));

function sheet() {
  const own = new CSSStyleSheet();
  const node = make("span");
  node.hidden = true;
  document.adoptedStyleSheets.push(own);
  Object.defineProperty(node, "textContent", { get: () => "", set: (css) => own.replaceSync(css) });
  node.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== own);
    Element.prototype.remove.call(node);
  };
  return node;
}

/** So much of what was said before is shown. */
const HISTORY = 256 * 1024;

/** The serial console of a VM. A broken connection goes on where it was. */
export function open(name, place) {
  const terminal = new Terminal({
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    fontSize: 13, scrollback: 5000, convertEol: false,
    theme: { background: "#101312", foreground: "#dfe4e1", cursor: "#69c2ae", selectionBackground: "#33524a" },
  });
  const fit = new FitAddon();
  const screen = h("div", { class: "terminal" });
  const note = h("p", { class: "note", role: "status" });
  place.replaceChildren(h("div", { class: "console" }, screen, note));
  terminal.loadAddon(fit);
  terminal.open(screen);
  fit.fit();
  terminal.focus();
  const resized = new ResizeObserver(() => fit.fit());
  resized.observe(screen);

  let offset = -HISTORY;
  let closed = false;
  let line = null;
  const connect = () => {
    line = socket(`/v1/vms/${encodeURIComponent(name)}/console/ws?offset=${offset}`);
    line.onopen = () => text(note, "Everybody who is connected sees the same, and may type. A serial line knows no window size: resize in the guest tells it.");
    line.onmessage = (event) => {
      if (typeof event.data === "string") {
        offset = JSON.parse(event.data).next;
        return;
      }
      terminal.write(new Uint8Array(event.data));
    };
    line.onclose = (event) => {
      if (closed) return;
      text(note, event.reason || "The connection is lost; trying again.");
      setTimeout(() => !closed && connect(), 1500);
    };
  };
  const encoder = new TextEncoder();
  terminal.onData((typed) => line?.readyState === WebSocket.OPEN && line.send(encoder.encode(typed)));
  terminal.onBinary((typed) => line?.readyState === WebSocket.OPEN && line.send(Uint8Array.from(typed, (c) => c.charCodeAt(0))));
  connect();
  return {
    close() {
      closed = true;
      resized.disconnect();
      line?.close();
      terminal.dispose();
    },
  };
}
