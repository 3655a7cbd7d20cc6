// The map that plotly drew: fit once, fade what is outside, outline what is under the pointer, draw cases and heat.
(function () {
  const LEVEL_SOURCE = { 9: 'streets', 12: 'communities', 15: 'cells' };
  const none = ['==', ['get', 'code'], ''];
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let state = null;
  let fitted = null;
  let wanted = null;
  let corrections = 0;
  let bound = null;
  let points = { type: 'FeatureCollection', features: [] };

  const graph = () => document.querySelector('#map .js-plotly-plot');
  const map = () => {
    const gd = graph();
    const sub = gd && gd._fullLayout && gd._fullLayout.map && gd._fullLayout.map._subplot;
    return sub && sub.map && sub.map.getSource && sub.map.getSource('streets') ? sub.map : null;
  };
  // A busy machine may need long for the first drawing; only the latest wish is carried out.
  let wish = 0;
  const whenReady = (run, mine = ++wish) => {
    const m = map();
    if (m) run(m); else if (mine === wish) setTimeout(() => whenReady(run, mine), 50);
  };
  const scoped = (code) => ['==', ['get', 'code'], code || ''];

  // The coloured cells are drawn first; the rest of the base map follows, fine detail when one looks closer.
  const NEAR = {
    outside: 0, districts: 0, streets: 0, labels: 0, communities: 0, road: 0, water: 0, green: 0, rail: 0,
    cells: 12.4, alley: 13.4, compound: 14
  };
  const coloured = (m) => m.getStyle().layers.some((layer) => layer.id.startsWith('plotly'));
  function detail(m, hovered) {
    if (!coloured(m)) return;
    Object.entries(NEAR).forEach(([source, zoom]) => {
      const held = m.getSource(source);
      if (held && !held.qxFilled && (m.getZoom() >= zoom || (hovered && source === 'cells'))) {
        held.qxFilled = true;
        held.setData(location.origin + state.root + '/' + source + '.json');
      }
    });
  }

  function steer(next) {
    state = next;
    whenReady((m) => { bind(m); detail(m); frame(m); mark(m); scale(m); refreshPoints(m); refreshHeat(m); });
  }

  // Fit the area's box once per place; afterwards the camera is the person's.
  function frame(m) {
    if (fitted === state.fit) return;
    const first = fitted === null;
    fitted = state.fit;
    corrections = 0;
    wanted = cameraFor(m);
    if (first && wanted && close(m, wanted)) { // the server foresaw it: nothing to draw again
      wanted = { center: m.getCenter(), zoom: m.getZoom() };
      return;
    }
    if (wanted) settle(m, !first && !calm.matches);
  }

  function cameraFor(m) {
    if (state.camera) return { center: { lng: state.camera[0], lat: state.camera[1] }, zoom: state.camera[2] };
    const [west, south, east, north] = state.box;
    const fit = (left) => m.cameraForBounds([[west, south], [east, north]], {
      padding: { top: 60, bottom: 34, left, right: 30 }, maxZoom: 16.5
    });
    // beside the legend when that costs nothing, else across the whole width
    const wide = fit(30);
    const beside = fit(30 + 288 * Number(document.documentElement.dataset.scale || 1));
    return beside && wide && beside.zoom > wide.zoom - 0.1 ? beside : wide;
  }

  function close(m, camera) {
    const pixel = 360 / (512 * 2 ** m.getZoom());
    const at = m.getCenter();
    return Math.abs(m.getZoom() - camera.zoom) < 0.05 && Math.abs(at.lng - camera.center.lng) < 12 * pixel &&
      Math.abs(at.lat - camera.center.lat) < 12 * pixel;
  }

  // plotly puts its own camera back at every redraw, so a new one must be told to plotly, not only to the map.
  function tell() {
    if (wanted) {
      Plotly.relayout(graph(), {
        'map.center': { lon: wanted.center.lng, lat: wanted.center.lat }, 'map.zoom': wanted.zoom
      });
    }
  }
  function settle(m, gently) {
    if (!gently) { tell(); return; }
    m.once('moveend', tell);
    m.easeTo({ center: wanted.center, zoom: wanted.zoom, duration: 350 });
  }

  // The first drawing ends by going back to the camera it began with: until a person moves the map, ours counts.
  function hold(m) {
    const at = m.getCenter();
    if (m.isMoving() || !wanted || corrections > 8) return;
    const off = Math.abs(m.getZoom() - wanted.zoom) + Math.abs(at.lng - wanted.center.lng) + Math.abs(at.lat - wanted.center.lat);
    if (off > 1e-3) {
      corrections += 1;
      m.jumpTo({ center: wanted.center, zoom: wanted.zoom });
      tell();
    }
  }

  function mark(m) {
    const code = state.code;
    const street = code.slice(0, 9);
    const community = code.slice(0, 12);
    m.setFilter('fade-streets', code.length >= 9 ? ['!=', ['get', 'code'], street] : none);
    m.setFilter('fade-communities', code.length >= 12
      ? ['all', ['==', ['slice', ['get', 'code'], 0, 9], street], ['!=', ['get', 'code'], community]] : none);
    Object.entries(LEVEL_SOURCE).forEach(([digits, source]) => {
      m.setFilter('scope-' + source, code.length === Number(digits) ? scoped(code) : none);
    });
    m.setFilter('around-cells', ['in', ['get', 'code'], ['literal', state.around || []]]);
    // names outside the scope step back, so that the eye finds its own first
    m.setPaintProperty('label-communities', 'text-opacity', code.length >= 9
      ? ['case', ['==', ['slice', ['get', 'code'], 0, code.length >= 12 ? 12 : 9], code.length >= 12 ? community : street], 1, 0.3] : 1);
    m.setPaintProperty('label-streets', 'text-opacity', code.length >= 9
      ? ['case', ['==', ['get', 'code'], street], code.length >= 12 ? 0.4 : 0, 0.6] : 1);
    m.getSource('lineage').setData(state.lineage || { type: 'FeatureCollection', features: [] });
    m.getSource('spot').setData(state.spot
      ? { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: state.spot } }
      : { type: 'FeatureCollection', features: [] });
    const on = state.layers.includes('points') ? 'visible' : 'none';
    ['fresh', 'dots', 'signs'].forEach((layer) => m.setLayoutProperty(layer, 'visibility', on));
    m.setLayoutProperty('heat', 'visibility', state.layers.includes('heat') ? 'visible' : 'none');
  }

  function bind(m) {
    if (bound === m) return;
    bound = m;
    fitted = null;
    const gd = graph();
    gd.on('plotly_afterplot', () => { const now = map(); if (now) { detail(now); hold(now); setTimeout(() => hold(now), 120); } });
    gd.on('plotly_click', (event) => drill(event.points[0].location));
    gd.on('plotly_hover', (event) => highlight(event.points[0].location, true));
    gd.on('plotly_unhover', () => highlight('', true));
    m.getCanvas().addEventListener('contextmenu', (event) => {
      event.preventDefault();
      if (state.up) qx.go(state.up);
    });
    m.on('resize', () => {
      if (wanted && !state.camera) { wanted = cameraFor(m); setTimeout(() => hold(m), 60); }
    });
    let timer = null;
    let wheeled = false; // the end of a zoom by wheel carries no event of its own
    m.on('wheel', () => { wheeled = true; wanted = null; });
    m.on('moveend', (event) => {
      scale(m);
      detail(m);
      clearTimeout(timer);
      timer = setTimeout(() => refreshPoints(m), 250);
      if (event.originalEvent || wheeled) {
        wheeled = false;
        wanted = null;
        const c = m.getCenter();
        qx.keepCamera(c.lng, c.lat, m.getZoom());
      }
    });
    m.on('click', (event) => {
      if (!picking) return;
      const take = picking;
      pick(null);
      pickedAt = Date.now();
      spot(event.lngLat.lng, event.lngLat.lat);
      take(event.lngLat.lng, event.lngLat.lat);
    });
    ['dots', 'signs', 'fresh'].forEach((layer) => {
      m.on('mousemove', layer, (event) => popup(event));
      m.on('mouseleave', layer, () => popup(null));
      m.on('click', layer, (event) => {
        event.originalEvent.stopPropagation();
        if (picking || Date.now() - pickedAt < 400) return;
        openCase(event.features[0].properties.n);
      });
    });
  }

  function query(drop) {
    const q = new URLSearchParams(location.search);
    drop.forEach((key) => q.delete(key));
    const text = q.toString().replaceAll('%2C', ',');
    return text ? '?' + text : '';
  }

  let caseClickedAt = 0;
  function openCase(number) {
    caseClickedAt = Date.now();
    qx.go('/case/' + number + query(['v', 'tab', 'topic', 'bucket', 'bu']));
  }

  // One level down towards the clicked area; a neighbour outside the scope opens at the scope's own level.
  function drill(clicked) {
    if (picking || Date.now() - pickedAt < 400) return;
    if (!clicked || Date.now() - caseClickedAt < 400) return;
    const code = state.code;
    const next = clicked.startsWith(code)
      ? clicked.slice(0, Math.min(clicked.length, code.length + 3)) : clicked.slice(0, Math.max(9, code.length));
    if (next !== code || state.page === 'case') qx.go((state.page === 'queue' ? '/queue/' : '/area/') + next + query(['v', 'topic', 'bucket', 'bu']));
  }

  function highlight(code, fromMap) {
    const m = map();
    if (!m) return;
    if (code.length === 15) detail(m, true);
    Object.entries(LEVEL_SOURCE).forEach(([digits, source]) => {
      m.setFilter('hover-' + source, code && code.length === Number(digits) ? scoped(code) : none);
    });
    if (!fromMap) return;
    document.querySelectorAll('.ag-row.lit').forEach((row) => row.classList.remove('lit'));
    const key = code && state ? code.slice(0, Math.min(code.length, state.code.length + 3)) : '';
    if (key) document.querySelectorAll('.ag-row[row-id="' + key + '"]').forEach((row) => row.classList.add('lit'));
  }

  function popup(event) {
    const box = document.getElementById('map-popup');
    const m = map();
    m.getCanvas().style.cursor = event ? 'pointer' : '';
    if (!event) { box.hidden = true; return; }
    const p = event.features[0].properties;
    const zh = document.documentElement.lang !== 'en';
    const words = zh ? { overdue: '▲ 超期', near_due: '◆ 临期', in_time: '● 在办', done: '✓ 已结' }
      : { overdue: '▲ Overdue', near_due: '◆ Near due', in_time: '● Open', done: '✓ Closed' };
    const at = new Date(p.at).toLocaleString(zh ? 'zh-CN' : 'en-GB',
      { timeZone: state.zone, month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
    box.replaceChildren();
    [['b', p.t], ['span', words[p.s]], ['span', at + ' · ' + p.n]].forEach(([tag, text]) => {
      const part = document.createElement(tag);
      part.textContent = text;
      if (text === words[p.s]) part.className = 'state ' + p.s;
      box.append(part);
    });
    box.hidden = false;
    const wrap = box.parentElement.getBoundingClientRect();
    box.style.left = Math.min(event.point.x + 14, wrap.width - box.offsetWidth - 8) + 'px';
    box.style.top = Math.max(8, Math.min(event.point.y + 14, wrap.height - box.offsetHeight - 8)) + 'px';
  }

  let asking = null;
  // Moves that end where they began ask nothing new; only an announced change asks the same again.
  let asked = '';
  let filled = null;
  function refreshPoints(m, again) {
    if (!state || !state.layers.includes('points')) return;
    const b = m.getBounds();
    const box = m.getZoom() >= 13 ? [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((x) => x.toFixed(5)).join(',') : '';
    const address = '/api/v1/points?' + new URLSearchParams({ path: state.path, search: state.search, box });
    if (address === asked && !again && m.getSource('points') === filled) return;
    asked = address;
    filled = m.getSource('points');
    if (asking) asking.abort();
    asking = new AbortController();
    fetch(address, { signal: asking.signal }).then((r) => (r.ok ? r.json() : null)).then((data) => {
      if (!data) { asked = ''; return; }
      points = data;
      const source = m.getSource('points');
      if (source) source.setData(data);
      document.documentElement.dataset.points = data.features.length;
    }).catch((fault) => { if (fault.name !== 'AbortError') asked = ''; });
  }

  // What the picture holds and leaves out comes with it; the legend may be drawn again before or after.
  let heatNote = '';
  function noteHeat() {
    const note = document.getElementById('heat-note');
    if (note && note.textContent !== heatNote) note.textContent = heatNote;
  }
  new MutationObserver(noteHeat).observe(document.documentElement, { childList: true, subtree: true });

  function refreshHeat(m) {
    if (!state || !state.layers.includes('heat')) return;
    const address = '/api/v1/heat?' + new URLSearchParams({ path: state.path, search: state.search, theme: state.theme, lang: state.lang });
    fetch(address).then((r) => (r.ok ? r.json() : null)).then((data) => {
      const source = m.getSource('heat');
      if (!data || !source) return;
      source.updateImage({ url: data.url, coordinates: data.corners });
      heatNote = data.note;
      noteHeat();
      document.documentElement.dataset.heat = data.cases;
    }).catch(() => {});
  }

  // A scale bar in round metres for the latitude in the middle of the map.
  function scale(m) {
    const bar = document.getElementById('scale-bar');
    const perPixel = 40075016.686 * Math.cos(m.getCenter().lat * Math.PI / 180) / (512 * 2 ** m.getZoom());
    const most = perPixel * 120;
    const ten = 10 ** Math.floor(Math.log10(most));
    const metres = [5, 2, 1].map((n) => n * ten).find((n) => n <= most);
    bar.style.width = metres / perPixel + 'px';
    bar.textContent = metres >= 1000 ? metres / 1000 + ' km' : metres + ' m';
  }

  // The case that the pointer or the arrow keys rest on, in the list beside the map.
  function spot(lon, lat) {
    const m = map();
    if (!m || !m.getSource('spot')) return;
    m.getSource('spot').setData(lon && lat
      ? { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [Number(lon), Number(lat)] } }
      : { type: 'FeatureCollection', features: [] });
  }

  // The next click on the map is a place for whoever asks for one, and opens nothing; null ends that.
  let picking = null;
  let pickedAt = 0;
  function pick(take) {
    picking = take;
    document.documentElement.toggleAttribute('data-picking', Boolean(take));
    const m = map();
    if (m) m.getCanvas().style.cursor = take ? 'crosshair' : '';
  }

  qx.map = {
    spot,
    pick,
    steer,
    highlight: (code) => highlight(code, false),
    refresh: () => { const m = map(); if (m && state) { refreshPoints(m, true); refreshHeat(m); } },
    get: map,
    state: () => state,
    points: () => points
  };
})();
