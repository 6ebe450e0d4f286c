// Light or dark as Airflow is, and links that lead out of the frame in which Airflow shows these pages.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isFramed = window.parent !== window;
  if (isFramed) root.dataset.framed = "";

  const paint = () => {
    let chosen = null;
    try { chosen = localStorage.getItem("theme"); } catch { /* storage is switched off: as the system is */ }
    const isKnown = chosen === "light" || chosen === "dark";
    root.dataset.theme = isKnown ? chosen : system.matches ? "dark" : "light";
  };
  paint();
  system.addEventListener("change", paint);
  addEventListener("storage", paint);

  // The frame may neither open a window nor leave Airflow; the page around it, of the same server, may.
  addEventListener("click", event => {
    const link = event.target.closest("a[target]");
    if (!isFramed || !link || event.button !== 0) return;
    let outside;
    try { outside = window.top.document; } catch { return; }
    event.preventDefault();
    const twin = outside.createElement("a");
    twin.href = link.href;
    if (link.target === "_blank") {
      twin.target = "_blank";
      twin.rel = "noopener noreferrer";
    }
    outside.body.append(twin);
    twin.click();
    twin.remove();
  });

  // A form that was sent is not sent again by a second click.
  addEventListener("submit", event => {
    const pressed = event.submitter;
    if (event.target.method !== "post") return;
    setTimeout(() => {
      for (const button of event.target.querySelectorAll("button")) button.disabled = true;
      if (pressed?.dataset.busy) pressed.textContent = pressed.dataset.busy;
    });
  });
  addEventListener("pageshow", event => {
    if (event.persisted) for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
  });
})();
