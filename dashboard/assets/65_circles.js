// The page of service circles: its map follows the address, and the panel is asked for again when a knob is turned.
(function () {
  const EMPTY = { type: 'FeatureCollection', features: [] };
  const root = () => document.getElementById('circles');
  let bound = null, shown = null, asking = null, waited = false, wanted = null;

  const map = () => {
    const gd = document.querySelector('#circles-map .js-plotly-plot') || document.querySelector('#circles-map.js-plotly-plot');
    const sub = gd && gd._fullLayout && gd._fullLayout.map && gd._fullLayout.map._subplot;
    return sub && sub.map && sub.map.getSource && sub.map.getSource('circle-cells') ? sub.map : null;
  };
  const collection = (m, name, data) => { const held = m.getSource(name); if (held) held.setData(data || EMPTY); };
  const address = () => ({ path: location.pathname, search: location.search });
  const lang = () => (document.documentElement.lang === 'en' ? 'en' : 'zh');
  const NEAR = { alley: 13.4, compound: 14 };

  function boot() {
    const m = root() && map();
    if (!m) return;
    if (bound !== m) {
      bound = m; shown = null; wanted = null;
      bind(m);
    }
    const now = JSON.stringify(address());
    if (wanted !== now) { wanted = now; load(m); }
  }
  setInterval(boot, 120);

  function bind(m) {
    const detail = () => Object.entries(NEAR).forEach(([name, zoom]) => {
      const held = m.getSource(name);
      if (held && !held.qxFilled && m.getZoom() >= zoom) {
        held.qxFilled = true;
        held.setData(location.origin + root().dataset.root + '/' + name + '.json');
      }
    });
    detail();
    let moved = false;
    m.on('wheel', () => { moved = true; });
    m.on('moveend', (event) => {
      detail();
      if (event.originalEvent || moved) {
        moved = false;
        const c = m.getCenter();
        qx.keepCamera(c.lng, c.lat, m.getZoom());
        wanted = JSON.stringify(address());
      }
    });
    m.on('click', (event) => {
      if (qx.plan && qx.plan.click(event, m)) return;
      const near = [[event.point.x - 5, event.point.y - 5], [event.point.x + 5, event.point.y + 5]];
      const place = m.queryRenderedFeatures(near, { layers: ['circle-places'] })[0];
      if (place) { own({ fac: place.properties.id, spot: '' }); return; }
      const home = m.queryRenderedFeatures(near, { layers: ['circle-homes'] })[0];
      if (home) { own({ spot: 'h' + home.properties.id, fac: '' }); return; }
      const cell = m.queryRenderedFeatures(event.point, { layers: ['circle-fill'] })[0];
      if (cell) own({ spot: cell.properties.code, fac: '' });
    });
    m.on('mousemove', (event) => {
      const place = m.queryRenderedFeatures(event.point, { layers: ['circle-places'] })[0];
      m.getCanvas().style.cursor = place ? 'pointer' : '';
      popup(place, event.point);
    });
    m.on('mouseout', () => popup(null));
  }

  function popup(place, at) {
    const box = document.getElementById('circles-popup');
    if (!box) return;
    box.hidden = !place;
    if (!place) return;
    box.textContent = place.properties.name;
    box.style.left = at.x + 14 + 'px';
    box.style.top = at.y + 14 + 'px';
  }

  // The page's own parameters change without a new page: the address is written, map and panel ask again.
  function own(changes) {
    const q = new URLSearchParams(location.search);
    Object.entries(changes).forEach(([key, value]) => { if (value === '') q.delete(key); else q.set(key, value); });
    const text = q.toString().replaceAll('%2C', ',');
    go(location.pathname + (text ? '?' + text : ''));
  }
  function go(next) {
    const target = new URL(next, location.origin);
    const camera = new URLSearchParams(location.search).get('v');
    if (camera && !target.searchParams.get('v')) target.searchParams.set('v', camera);
    const text = target.pathname + target.search.replaceAll('%2C', ',');
    if (text === location.pathname + location.search) return;
    history.pushState({}, '', text);
    turn();
  }
  function turn() {
    window.dash_clientside.set_props('circles-ask', { data: { ...address(), n: Date.now() } });
    boot();
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('#circles a.own-link');
    if (!link || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    go(link.getAttribute('href'));
  });
  document.addEventListener('change', (event) => {
    const knob = event.target.closest('#circles select[data-own]');
    if (!knob) return;
    const key = knob.dataset.own;
    const initial = { set: 'beijing_eight.basics', who: 'adult', at: 'any' }[key];
    const change = { [key]: knob.value === initial ? '' : knob.value };
    if (key === 'set') { change.kinds = ''; change.min = ''; }
    own(change);
  });

  function load(m) {
    if (asking) asking.abort();
    asking = new AbortController();
    const here = wanted;
    const asked = '/api/v1/circles/map?' + new URLSearchParams({ ...address(), lang: lang() });
    fetch(asked, { signal: asking.signal }).then((r) => (r.ok ? r.json() : null)).then((told) => {
      if (!told || here !== wanted || bound !== m || !root()) return;
      if (!told.ready) { waited = true; setTimeout(() => { if (here === wanted) load(m); }, 700); return; }
      if (waited || document.querySelector('#circles-panel [data-waiting]')) { waited = false; turn(); }
      draw(m, told);
    }).catch((fault) => { if (fault.name !== 'AbortError') setTimeout(() => { if (here === wanted) load(m); }, 3000); });
  }

  function draw(m, told) {
    shown = told;
    paint(m, told.classes);
    ['places', 'area', 'straight', 'route', 'homes'].forEach((name) => collection(m, 'circle-' + name, told[name]));
    legend(told.plan && new URLSearchParams(location.search).get('show') === 'diff' ? told.plan.legend : told.legend);
    m.setPaintProperty('circle-fill', 'fill-opacity', told.homes ? 0 : 0.86);
    mark(m);
    document.documentElement.dataset.circles = told.version + JSON.stringify(told.whole.people_in_share);
    if (qx.plan) qx.plan.drawn(m, told);
  }

  // Only cells whose class changed are told to the map.
  function paint(m, classes) {
    const codes = shown.codes, before = m.qxClasses || '';
    const scope = shown.scope;
    for (let i = 0; i < codes.length; i += 1) {
      const k = codes[i].startsWith(scope) ? Number(classes.charCodeAt(i) - 48) : -1;
      const key = String.fromCharCode(k + 64);
      if (before[i] !== key) m.setFeatureState({ source: 'circle-cells', id: codes[i] }, { k });
    }
    m.qxClasses = codes.map((code, i) => String.fromCharCode((code.startsWith(scope) ? classes.charCodeAt(i) - 48 : -1) + 64)).join('');
    m.triggerRepaint();
  }

  function mark(m) {
    const code = shown.scope;
    const only = (digits) => (code.length === digits ? ['==', ['get', 'code'], code] : ['==', ['get', 'code'], '']);
    m.setFilter('scope-streets', only(9));
    m.setFilter('scope-communities', only(12));
    const spot = new URLSearchParams(location.search).get('spot') || '';
    m.getSource('cells').setData(spot.length === 15 ? location.origin + root().dataset.root + '/cells.json' : EMPTY);
    m.setFilter('hover-cells', ['==', ['get', 'code'], spot]);
    m.setFilter('border-cells', ['==', ['get', 'code'], '']);
  }

  function legend(said) {
    const box = document.getElementById('circles-legend');
    box.replaceChildren();
    const wrap = document.createElement('div');
    wrap.className = 'legend-box';
    const list = document.createElement('ul');
    list.className = 'legend-classes';
    said.classes.forEach((one) => {
      const item = document.createElement('li');
      const swatch = document.createElement('i');
      swatch.className = 'swatch minutes-' + one.key;
      const text = document.createElement('span');
      text.textContent = one.text;
      item.append(swatch, text);
      if (one.people !== undefined) {
        const people = document.createElement('small');
        people.textContent = one.people.toLocaleString('en-US');
        item.append(people);
      }
      list.append(item);
    });
    const means = document.createElement('div');
    means.className = 'legend-means';
    means.textContent = said.means;
    wrap.append(list, means);
    box.append(wrap);
  }

  qx.circles = { own, go, turn, map, paint: (classes) => { const m = map(); if (m && shown) paint(m, classes); },
    shown: () => shown, reload: () => { const m = map(); if (m) load(m); }, collection };
})();
