import Rfb from "/vendor/novnc/core/rfb.js";
import { h, text } from "/dom.js";

/** The screen of a VM, with its keyboard and mouse. */
export function open(name, place) {
  const screen = h("div", { class: "screen" });
  const note = h("p", { class: "note", role: "status" }, "Connecting.");
  place.replaceChildren(h("div", { class: "console" }, screen, note));
  const url = new URL(`/v1/vms/${encodeURIComponent(name)}/vnc/ws`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const rfb = new Rfb(screen, url.href);
  rfb.scaleViewport = true;
  rfb.background = "#101312";
  rfb.addEventListener("connect", () => {
    text(note, "Keys go to the guest while its screen has the focus.");
    rfb.focus();
  });
  rfb.addEventListener("disconnect", (event) => text(note, event.detail.clean ? "The guest has ended the connection." : "There is no screen to be had: the VM does not run, or has no graphics."));
  return { close: () => rfb.disconnect() };
}
