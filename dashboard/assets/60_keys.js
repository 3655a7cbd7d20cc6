// Keyboard: / search, g then a letter for a page, Esc one level up, ? the list.
(function () {
  const PAGES = {
    m: '/', w: '/queue', h: '/hotspots', c: '/circles', r: '/chains', d: '/community', k: '/measures', b: '/review',
    q: '/quality', s: '/screens'
  };
  let waiting = 0;
  const typing = (target) => target.closest('input, textarea, select, [contenteditable]');
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    const after = Date.now() - waiting < 1200;
    if (after && PAGES[event.key]) { qx.go(PAGES[event.key]); waiting = 0; return; }
    if (event.key === 'g') { waiting = Date.now(); return; }
    if (event.key === '/') { event.preventDefault(); document.getElementById('search').focus(); return; }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const links = [...document.querySelectorAll('.queue-row a')];
      if (!links.length) return;
      const at = links.indexOf(document.activeElement);
      const next = links[Math.max(0, Math.min(links.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))];
      next.focus();
      event.preventDefault();
      return;
    }
    if (event.key === '?') { document.getElementById('keys').toggleAttribute('hidden'); return; }
    if (event.key === 'Escape') {
      const keys = document.getElementById('keys');
      if (!keys.hidden) { keys.hidden = true; return; }
      const state = qx.map.state();
      // closed lists stay in the page, so only those that are seen count
      const open = [...document.querySelectorAll('.mantine-Popover-dropdown')].some((list) => list.getClientRects().length);
      if (state && state.up && !open) qx.go(state.up);
    }
  });
})();
