// Moves the charts with the slider. Without this, the form is sent and the page comes back with them.

const form = document.getElementById("simulate");
const result = document.getElementById("result");
const name = (arm) => form.elements[`regimen-${arm}`];

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
  input.parentElement.after(slider);
}

function settle() {
  for (const arm of ["a", "b"]) {
    const fixed = name(arm).value.startsWith("named:");
    const off = arm === "b" && !form.elements.compare.checked;
    const field = name(arm).closest("fieldset");
    for (const each of field.querySelectorAll("input:not([type=checkbox])")) each.disabled = fixed || off;
    name(arm).disabled = off;
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
    }
  } finally {
    running = false;
    if (waiting) { waiting = false; update(); }
  }
}

form.addEventListener("input", update);
form.addEventListener("submit", (event) => { event.preventDefault(); update(); });
settle();
watch();
