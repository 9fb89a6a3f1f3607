// Lists that go on as one scrolls: a button that asks for the next page, and is pressed by itself when it comes near.

/** `load()` fetches the next page, and gives whether that went well; it hides the button when there is no more. */
export function goOn(button, load, { margin = "400px" } = {}) {
  const watch = new IntersectionObserver(([seen]) => seen.isIntersecting && next(), { rootMargin: margin });

  async function next() {
    if (button.hidden || button.disabled) return;
    button.disabled = true;
    const isWell = await load();
    button.disabled = false;
    // A short page may leave the button in sight, and nobody is told twice that it is. After a failure, people press.
    if (isWell) {
      watch.unobserve(button);
      watch.observe(button);
    }
  }

  button.addEventListener("click", next);
  watch.observe(button);
}
