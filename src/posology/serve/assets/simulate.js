// Moves the charts with the slider. Without this, the form is sent and the page comes back with them.

const form = document.getElementById("simulate");
const result = document.getElementById("result");
const rhythm = (arm) => form.elements[`regimen-${arm}`];
const sliders = {};

for (const input of form.querySelectorAll("[data-doses]")) {
  const doses = input.dataset.doses.split(" ").map(Number);
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = doses.length - 1;
  slider.step = 1;
  slider.setAttribute("aria-label", `${input.dataset.label}: slider`);
  const nearest = (value) =>
    doses.reduce((best, dose, at) => (Math.abs(dose - value) < Math.abs(doses[best] - value) ? at : best), 0);
  const follow = () => {
    slider.value = nearest(Number(input.value));
    slider.setAttribute("aria-valuetext", `${input.value} mg`);
  };
  follow();
  slider.addEventListener("input", (event) => {
    event.stopPropagation();
    input.value = doses[Number(slider.value)];
    slider.setAttribute("aria-valuetext", `${input.value} mg`);
    update();
  });
  input.addEventListener("input", follow);
  input.after(slider);
  sliders[input.id] = slider;
}

// A regimen of the monograph has its own doses; without a comparison there is no second one.
function settle() {
  for (const arm of ["a", "b"]) {
    const off = arm === "b" && !form.elements.compare.checked;
    const fixed = rhythm(arm).value.startsWith("named:");
    const dose = form.elements[`dose-${arm}`];
    rhythm(arm).disabled = off;
    dose.disabled = sliders[dose.id].disabled = fixed || off;
  }
}

function sent(others) {
  const fields = new FormData(form);
  if (others) fields.set("others", "yes");
  return fields;
}

// What is folded is not drawn while a slider moves.
function watch() {
  const others = result.querySelector("[data-others]");
  others?.addEventListener("toggle", () => { if (others.open && !others.querySelector("svg")) update(); });
}

function failed(text) {
  const told = document.createElement("p");
  told.className = "notice";
  told.setAttribute("role", "alert");
  told.textContent = text;
  if (result.firstElementChild?.matches("[role=alert]")) result.firstElementChild.remove();
  result.prepend(told);
}

// One request at a time; the newest choice follows when it is back.
let running = false;
let waiting = false;
async function update() {
  settle();
  if (running) { waiting = true; return; }
  running = true;
  const open = result.querySelector("[data-others]")?.open;
  try {
    const answer = await fetch(form.dataset.live, {
      method: "POST", body: sent(open), headers: { Accept: "text/html" },
    });
    if (answer.ok || answer.status === 422) {
      result.innerHTML = await answer.text();
      const others = result.querySelector("[data-others]");
      if (others && open) others.open = true;
      watch();
      result.dataset.updates = Number(result.dataset.updates || 0) + 1;
    } else {
      failed(`The charts below are of the choice before: the server refused this one (${answer.status}). Try again in a moment.`);
    }
  } catch {
    failed("The charts below are of the choice before: the server cannot be reached.");
  } finally {
    running = false;
    if (waiting) { waiting = false; update(); }
  }
}

form.addEventListener("input", update);
form.addEventListener("submit", (event) => { event.preventDefault(); update(); });
// A browser that comes back to the page may have put old values into the form.
window.addEventListener("pageshow", () => { for (const each of form.querySelectorAll("[data-doses]")) each.dispatchEvent(new Event("input")); settle(); });
for (const button of form.querySelectorAll("button")) button.hidden = true; // nothing waits for them
settle();
watch();
