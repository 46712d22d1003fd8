"use strict";
{
  const written = document.getElementById("written");
  if (location.protocol === "file:") {
    // The day is not in the page, so that the same build gives the same bytes; the file has it.
    written.textContent = "File of " + new Date(document.lastModified).toLocaleString() + ".";
  }

  const filters = document.getElementById("filters");
  if (filters) {
    filters.hidden = false;
    const search = document.getElementById("search");
    const selects = ["standing", "task", "view"].map((name) => document.getElementById(name));
    const [standing, task, view] = selects;
    const count = document.getElementById("count");
    const traces = Array.from(document.querySelectorAll("details.trace"), (element) => ({
      element,
      text: element.textContent.toLowerCase(),
      views: element.dataset.views.trim().split(/\s+/),
    }));

    const shows = (trace, words) =>
      (!standing.value || trace.element.dataset.standing === standing.value) &&
      (!task.value || trace.element.dataset.task === task.value) &&
      (!view.value || trace.views.includes(view.value)) &&
      words.every((word) => trace.text.includes(word));

    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const trace of traces) {
        trace.element.hidden = !shows(trace, words);
        shown += trace.element.hidden ? 0 : 1;
      }
      count.textContent = shown + " of " + traces.length + " shown";
    };

    search.addEventListener("input", apply);
    for (const select of selects) select.addEventListener("change", apply);
    // A slash puts the cursor into the search, unless something is being typed already.
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.focus();
      }
    });
    apply();
  }

  // On paper nothing can be unfolded; traces that are folded stay so.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.long:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });

  // A link to a trace opens it.
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", open);
  open();
}
