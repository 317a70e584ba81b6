// Asking again and again: one request at a time, none while nobody looks.

/** Runs `task` a moment after it was asked for, however often it was asked for by then. */
export function soon(moment, task) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      task();
    }, moment);
  };
}

/**
 * Runs `task` now and `interval` milliseconds after it has ended, but not while the page is hidden. The answer runs it
 * at once, or once more after the run that is under way.
 */
export function repeat(interval, task) {
  let timer;
  let running = false;
  let again = false;
  const run = async () => {
    clearTimeout(timer);
    if (running) {
      again = true;
      return;
    }
    if (document.hidden) return;
    running = true;
    const wait = await task();
    running = false;
    const soon = again;
    again = false;
    timer = setTimeout(run, soon ? 0 : (wait ?? interval));
  };
  document.addEventListener('visibilitychange', run);
  run();
  return run;
}
