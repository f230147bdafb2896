/** Milliseconds after which a tab in the background is not looked at. */
const UNSEEN = 60_000;

/** Tells when nobody looks at a page any more, and when somebody does again. */
export function watchAttention(page, { lost, back }) {
  let timer;
  let isLost = false;
  page.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (page.hidden) {
      timer = setTimeout(() => {
        isLost = true;
        lost();
      }, UNSEEN);
    } else if (isLost) {
      isLost = false;
      back();
    }
  });
}
