// Passkeys: a form with data-passkey asks the server what to do, lets the browser's key do it, and sends its answer.
// `make` makes a new key, `show` signs with one. What fails stands beside the button, and nothing is sent.

import { refuse } from "./app.js";

const asked = async (path) => {
  const answer = await fetch(path, { method: "POST", headers: { "hx-request": "true" } });
  if (!answer.ok) throw new Error(new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#problem")?.textContent ?? "");
  return answer.json();
};

const acts = {
  make: async (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  show: async (options) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    refuse(button, "");
    try {
      const key = await acts[form.dataset.passkey](await asked(form.dataset.options));
      form.elements.credential.value = JSON.stringify(key.toJSON());
      form.submit();
    } catch (error) {
      refuse(button, error.name === "Error" && error.message ? error.message : form.dataset.failed);
      button.disabled = false;
    }
  });
}
