// A screen that nobody has let in yet: it shows its code, asks every few seconds, and goes to its scenes by itself.
(function () {
  const words = JSON.parse(document.getElementById('words').textContent);
  const main = document.getElementById('enrol');
  document.documentElement.style.setProperty('--letter', Math.max(20, innerHeight / 26) + 'px');
  const put = (tag, css, text) => { const made = document.createElement(tag); made.className = css; made.textContent = text; return made; };
  function show(code) {
    main.replaceChildren(put('h1', '', words['']), put('b', 'code', code ? code.slice(0, 3) + ' ' + code.slice(3) : '······'),
      put('p', '', words['.do'].replaceAll('{code}', code || '······')), put('p', 'muted', words['.expires']));
  }
  async function look() {
    try {
      let stands = await (await fetch('/api/v1/screens/me', { cache: 'no-store' })).json();
      if (stands.name) { location.replace('/wall/' + stands.name); return; }
      if (!stands.code) stands = await (await fetch('/api/v1/screens/enrol', { method: 'POST' })).json();
      if (stands.code) show(stands.code);
    } catch (fault) { /* the server is away: ask again */ }
    setTimeout(look, 3000);
  }
  show('');
  look();
})();
