// Conveniences of the check form. Everything works without them.

function addRows(rows) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "more";
  button.textContent = "Add a line";
  rows.after(button);
  button.addEventListener("click", () => {
    const count = rows.children.length;
    const made = rows.lastElementChild.cloneNode(true);
    for (const each of made.querySelectorAll("[id], [for]")) {
      for (const name of ["id", "for"]) {
        if (each.hasAttribute(name)) each.setAttribute(name, each.getAttribute(name).replace(/\d+$/, count));
      }
      if (each.matches("input")) { each.value = ""; each.removeAttribute("aria-invalid"); }
      if (each.matches("select")) each.selectedIndex = 0;
    }
    for (const each of made.querySelectorAll("label, .vh")) {
      for (const text of each.childNodes) {
        if (text.nodeType === Node.TEXT_NODE) text.data = text.data.replace(/\d+/, count + 1);
      }
    }
    for (const each of made.querySelectorAll(".wrong")) each.remove();
    rows.append(made);
    made.querySelector("input").focus();
  });
}

for (const rows of document.querySelectorAll("[data-rows]")) addRows(rows);
for (const button of document.querySelectorAll('button.more[value="more"]')) button.hidden = true;

// Whoever names something means: these. Whether there are others stays theirs to say.
for (const rows of document.querySelectorAll("[data-rows]")) {
  rows.addEventListener("input", (event) => {
    const item = event.target.name;
    const list = { condition: "conditions", medicine: "medicines", allergy: "allergies" }[item];
    if (!list || !event.target.value) return;
    const checked = document.querySelector(`input[name="${list}-are"]:checked`);
    if (checked && (checked.value === "unknown" || checked.value === "none")) {
      document.querySelector(`input[name="${list}-are"][value="some"]`).checked = true;
    }
  });
  // A day of the last dose means that it was stopped.
  rows.addEventListener("change", (event) => {
    if (event.target.name !== "medicine-last" || !event.target.value) return;
    const when = event.target.closest(".row").querySelector("select");
    if (when.value === "now") when.value = "stopped";
  });
}

// A day of an operation means that one is planned.
document.querySelector('input[name="planned-on"]')?.addEventListener("change", (event) => {
  if (event.target.value) document.querySelector('input[name="planned"][value="yes"]').checked = true;
});

const zone = document.querySelector("[data-drop]");
if (zone) {
  const input = zone.querySelector('input[type="file"]');
  zone.querySelector(".drop-hint").hidden = false;
  for (const kind of ["dragover", "dragenter"]) {
    zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}
