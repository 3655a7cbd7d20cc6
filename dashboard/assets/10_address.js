// The address is the only home of what a person has chosen. Everything here reads it or changes it.
window.qx = window.qx || {};
window.dashMantineFunctions = Object.assign(window.dashMantineFunctions || {}, {
  qxPassAll: ({ options }) => options // the server has searched already, by pinyin too
});

qx.go = function (url) {
  const target = new URL(url, location.origin);
  const here = new URLSearchParams(location.search);
  // the same place with another measure or filter keeps the camera that the person chose
  if (target.pathname === location.pathname && here.get('v') && !target.searchParams.get('v')) {
    target.searchParams.set('v', here.get('v'));
  }
  const next = target.pathname + target.search.replaceAll('%2C', ',');
  if (next === location.pathname + location.search) return;
  history.pushState({}, '', next);
  dispatchEvent(new CustomEvent('_dashprivate_pushstate'));
};

// Set one parameter; a default value leaves the address short.
qx.set = function (key, value, initial) {
  const q = new URLSearchParams(location.search);
  const now = q.get(key) === null ? initial : q.get(key);
  if (String(value) === String(now)) return;
  if (value === initial) q.delete(key); else q.set(key, value);
  const text = q.toString().replaceAll('%2C', ',');
  qx.go(location.pathname + (text ? '?' + text : ''));
};

// The camera belongs to the address as well, but moving the map is not a step that Back should undo.
qx.keepCamera = function (lon, lat, zoom) {
  const q = new URLSearchParams(location.search);
  q.set('v', [lon.toFixed(5), lat.toFixed(5), zoom.toFixed(2)].join(','));
  history.replaceState(history.state, '', location.pathname + '?' + q.toString().replaceAll('%2C', ','));
};

// Language and theme are drawn by the server, so changing one loads the page again at the same address.
qx.prefer = function (key, value) {
  document.cookie = 'qx_' + key + '=' + value + ';path=/;max-age=31536000;samesite=lax';
  const q = new URLSearchParams(location.search);
  q.set(key, value);
  location.search = q.toString().replaceAll('%2C', ',');
};

document.addEventListener('click', (event) => {
  if (event.target.closest('#lang')) qx.prefer('lang', document.documentElement.lang === 'en' ? 'zh' : 'en');
  if (event.target.closest('#theme-switch')) {
    qx.prefer('theme', document.documentElement.dataset.theme === 'light' ? 'dark' : 'light');
  }
  // plain links inside the product change the address without loading the page again
  const link = event.target.closest('a.chip-link, a.qx-link, .qx-cell a');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    qx.go(link.getAttribute('href'));
  }
});

// One icon set: outlined paths, set here because the shell's components carry no inline SVG.
new MutationObserver(() => {
  document.querySelectorAll('.icon[data-path]:empty').forEach((span) => {
    span.innerHTML = '<svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" ' +
      'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="' +
      span.dataset.path + '"/></svg>';
  });
}).observe(document.documentElement, { childList: true, subtree: true });
