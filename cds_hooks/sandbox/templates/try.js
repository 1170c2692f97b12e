// Answers to a card change that card only; without this script the chart is opened again. Everything else works without it.
document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (button?.getAttribute("formaction") !== "/try/answer") return;
  event.preventDefault();
  button.disabled = true;
  const said = new FormData(event.target);
  said.delete("chart");
  said.set(button.name, button.value);
  said.set("part", "1");
  const place = button.closest("li") ?? button.closest("details");
  const answer = await fetch("/try/answer", { method: "POST", body: said }).then((came) => came.text(), () => "");
  const part = new DOMParser().parseFromString(answer, "text/html");
  const status = part.querySelector(".status, .wrong") ?? Object.assign(document.createElement("p"), { className: "wrong", textContent: "Not sent: the service did not answer." });
  const done = status.className === "status";
  if (!done) button.disabled = false;
  place[done ? "replaceWith" : "append"](status, ...part.querySelectorAll("input[name=draft]"));
  if (done && button.name === "dismiss") status.closest("article")?.classList.add("dismissed");
  status.tabIndex = -1;
  status.focus();
});
