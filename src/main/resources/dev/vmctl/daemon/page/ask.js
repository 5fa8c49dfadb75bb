import { look } from "/api.js";
import { byId, text } from "/dom.js";
import { tone } from "/store.js";

/**
 * Asks before something is done, showing how the VM is at this moment. If that is not so any more
 * when the answer comes, the daemon refuses, and it is asked again.
 */
export async function confirm({ title, text: words, yes, danger, name, act }) {
  const dialog = byId("ask");
  const problem = byId("ask-problem");
  const button = byId("ask-yes");
  let version = null;
  text(byId("ask-title"), title);
  text(byId("ask-text"), words);
  text(byId("ask-state"), "");
  text(button, yes);
  button.className = danger ? "strong danger" : "strong";
  problem.hidden = true;

  const see = async () => {
    button.disabled = true;
    try {
      const seen = await look(name);
      version = seen.version;
      const how = tone(seen.vm);
      text(byId("ask-state"), `Now: ${how.words}${how.why ? `, ${how.why}` : ""}.`);
      button.disabled = false;
    } catch (failure) {
      say(failure);
    }
  };
  const say = (failure) => {
    text(problem, failure.help ? `${failure.message} (${failure.help})` : failure.message);
    problem.hidden = false;
  };
  button.onclick = async () => {
    button.disabled = true;
    try {
      await act(version);
      dialog.close();
    } catch (failure) {
      await see();
      say(failure.status === 409 && failure.code === "version.stale" ? new Error("It has changed meanwhile; look again.") : failure);
    }
  };
  byId("ask-no").onclick = () => dialog.close();
  dialog.showModal();
  byId("ask-no").focus();
  await see();
}
