/** What the daemon says no to, in its words. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? `the daemon answered ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.help = body.help ?? "";
  }
}

async function request(path, options = {}) {
  const answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  if (!answer.ok) {
    const body = await answer.json().catch(() => ({}));
    if (answer.status === 401) dispatchEvent(new CustomEvent("vmctl:logged-out", { detail: body }));
    throw new Problem(answer.status, body);
  }
  return answer;
}

export async function get(path) {
  return (await request(path)).json();
}

/** One VM and the version it was seen at. */
export async function look(name) {
  const answer = await request(`/v1/vms/${encodeURIComponent(name)}`);
  return { vm: await answer.json(), version: answer.headers.get("ETag") };
}

/** Does something, if the VM is still as it was seen. */
export async function command(path, version) {
  const headers = { "Vmctl-Page": "1" };
  if (version) headers["If-Match"] = version;
  await request(path, { method: "POST", headers });
}

/** Exchanges the code of a link for a session. */
export async function logIn(code) {
  await request("/session", { method: "POST", headers: { "Vmctl-Page": "1" }, body: code });
}

export function socket(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(url);
  opened.binaryType = "arraybuffer";
  return opened;
}
