// Keeps what a page shows up to date: parts with `data-live` are loaded again every two seconds or so while
// the page is seen, and replaced where they changed and nobody is in the middle of them. Buttons with
// `data-copy` copy the text they name. Pages do everything without this, too.
const EVERY_MS = 2000;
// A page that takes long is asked for less often.
const REST = 20;
// The answer to a form is shown at the form's address, where there is nothing to load.
const from = document.querySelector('main').dataset.from || location.href;

const busy = (part) => {
  const selected = document.getSelection();
  return part.contains(document.activeElement)
    || (selected && !selected.isCollapsed && part.contains(selected.anchorNode));
};

const refresh = async () => {
  const parts = [...document.querySelectorAll('[data-live][id]')];
  if (parts.length === 0) return;
  const began = performance.now();
  if (!document.hidden) {
    try {
      const answer = await fetch(from, { cache: 'no-store', headers: { 'X-Live': '1' } });
      if (answer.redirected) return location.assign(from);
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        for (const part of parts) {
          const next = page.getElementById(part.id);
          if (next && next.innerHTML !== part.innerHTML && !busy(part)) part.innerHTML = next.innerHTML;
        }
      }
    } catch {
      // The server is away; the next round tells.
    }
  }
  setTimeout(refresh, Math.max(EVERY_MS, REST * (performance.now() - began)));
};
setTimeout(refresh, EVERY_MS);

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    await navigator.clipboard.writeText(text);
    const word = button.textContent;
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = word; }, 1500);
  });
}
