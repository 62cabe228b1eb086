"""What the browser tests ask of a page itself."""

from __future__ import annotations

# Awaits that no overlay lies above the page. Asked of the page itself: the news that a frame of another process went
# does not always reach the driver, and a driver's own polling is stopped by a site's policy against eval.
UNCOVERED = """new Promise((uncovered) => {
  const look = () => {
    const top = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    if (top === null || getComputedStyle(top).zIndex !== "2147483647") uncovered();
    else requestAnimationFrame(look);
  };
  look();
})"""
