// Scenarios on the page of service circles: drag, add and close places, open gates; the picture follows while dragging.
(function () {
  let plan = null, shown = null, map = null, held = null, mode = '', newKind = '', trying = false, next = null, sites = null;
  const box = () => document.getElementById('circles-tools');
  const say = (key, values) => {
    const root = document.getElementById('circles');
    const words = root ? JSON.parse(root.dataset.words) : {};
    return Object.entries(values || {}).reduce((text, [name, value]) => text.replaceAll('{' + name + '}', value), words[key] || key);
  };
  const query = () => new URLSearchParams(location.search);
  const number = (value) => Math.round(value).toLocaleString('en-US');
  const signed = (value) => (value > 0 ? '+' : value < 0 ? '−' : '±') + number(Math.abs(value));
  const district = () => document.getElementById('circles').dataset.root.split('/')[2];
  const ask = (method, path, body) => fetch('/api/v1/' + path, {
    method, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body ? JSON.stringify(body) : undefined
  }).then(async (r) => {
    const told = r.status === 204 ? {} : await r.json();
    if (!r.ok) throw new Error(told.error ? told.error.message : String(r.status));
    return told;
  });

  function make(tag, css, text, click) {
    const node = document.createElement(tag);
    if (css) node.className = css;
    if (text !== undefined) node.textContent = text;
    if (click) node.addEventListener('click', click);
    return node;
  }

  // What the record shows and what the changes make of it, as the places that are drawn.
  function placed() {
    const moved = {}, removed = new Set(), added = {};
    plan.changes.forEach((one) => {
      if (one.op === 'add') added[one.key] = { ...one };
      else if (one.op === 'move' && one.key) Object.assign(added[one.key] || {}, { lon: one.lon, lat: one.lat });
      else if (one.op === 'move') { moved[one.facility] = [one.lon, one.lat]; removed.delete(one.facility); }
      else if (one.op === 'remove' && one.key) delete added[one.key];
      else if (one.op === 'remove') { removed.add(one.facility); delete moved[one.facility]; }
    });
    const features = [], lines = [];
    shown.places.features.forEach((place) => {
      const id = place.properties.id, to = moved[id];
      if (to) {
        lines.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: [place.geometry.coordinates, to] } });
        features.push({ ...place, properties: { ...place.properties, state: 'moved' }, geometry: { type: 'Point', coordinates: to } });
      } else features.push({ ...place, properties: { ...place.properties, state: removed.has(id) ? 'removed' : '' } });
    });
    Object.values(added).forEach((one) => features.push({
      type: 'Feature', properties: { id: 0, key: one.key, kind: one.kind, name: one.name || say('new', { kind: say('kind.' + one.kind) }), state: 'added', on: 0 },
      geometry: { type: 'Point', coordinates: [one.lon, one.lat] }
    }));
    return [features, lines];
  }
  function place() {
    const [features, lines] = placed();
    qx.circles.collection(map, 'circle-places', { type: 'FeatureCollection', features });
    qx.circles.collection(map, 'circle-plan', { type: 'FeatureCollection', features: lines });
    const opened = new Set();
    plan.changes.forEach((one) => { if (one.op === 'open_gate') opened.add(one.gate); if (one.op === 'shut_gate') opened.delete(one.gate); });
    const gates = (shown.gates || { features: [] }).features.map((gate) => ({ ...gate, properties: { ...gate.properties, open: opened.has(gate.properties.gate) ? 1 : 0 } }));
    qx.circles.collection(map, 'circle-gates', { type: 'FeatureCollection', features: mode === 'gate' || opened.size ? gates.filter((gate) => mode === 'gate' || gate.properties.open) : [] });
  }

  // One question at a time; what happened meanwhile is asked once the answer is painted.
  function attempt(changes, done) {
    if (trying) { next = [changes, done]; return; }
    trying = true;
    const begun = performance.now();
    ask('POST', 'circles/try', { path: location.pathname, search: location.search, show: query().get('show') || 'after', changes })
      .then((told) => {
        qx.circles.paint(told.classes);
        figures(told);
        document.documentElement.dataset.tried = Math.round(performance.now() - begun);
        if (done) done(told);
      }).catch((fault) => note(fault.message))
      .finally(() => { trying = false; if (next) { const [more, then] = next; next = null; attempt(more, then); } });
  }
  function commit(change) {
    plan.changes = [...plan.changes, change];
    keep();
  }
  function keep() {
    place();
    attempt(plan.changes);
    ask('PUT', 'scenarios/' + plan.id + '?district=' + district(), { changes: plan.changes })
      .then((kept) => { plan.changes = kept.changes; place(); list(); qx.circles.turn(); })
      .catch((fault) => note(fault.message));
  }

  function figures(told) {
    const line = document.getElementById('plan-figures');
    if (!line) return;
    line.replaceChildren();
    [['share', (100 * told.share).toFixed(1) + '%', ''], ['gained', signed(told.gained), told.gained ? 'good' : ''],
      ['lost', told.lost ? '−' + number(told.lost) : '0', told.lost ? 'bad' : ''],
      ['saved', signed(told.minutes_saved), told.minutes_saved > 0 ? 'good' : told.minutes_saved < 0 ? 'bad' : '']].forEach(([key, value, css]) => {
      const part = make('span', css);
      part.append(make('small', '', say(key)), make('b', '', value));
      line.append(part);
    });
    const astray = Object.keys(told.astray || {}).length;
    note(astray ? say('astray', { n: astray }) : '');
  }
  function note(text) {
    const line = document.getElementById('plan-note');
    if (line) line.textContent = text || hint();
  }
  const hint = () => ({ add: say('hint.add'), remove: say('hint.remove'), gate: say('hint.gate'), sites: '' }[mode] || say('hint.drag'));

  function drawn(m, told) {
    map = m; shown = told; plan = told.plan || null;
    if (!plan) { mode = ''; sites = null; ['circle-plan', 'circle-gates', 'circle-sites'].forEach((name) => qx.circles.collection(m, name)); }
    bind(m);
    tools();
    if (plan) { place(); figures(plan); }
  }

  function tools() {
    const root = box();
    root.replaceChildren();
    if (!plan) { root.append(make('button', 'plain boxed', say('plans'), menu)); return; }
    const bar = make('div', 'plan-bar');
    const head = make('div', 'plan-head');
    head.append(make('b', '', plan.name), make('small', 'muted', plan.owner), make('button', 'plain', '×', () => qx.circles.own({ plan: '', show: '' })));
    const line = make('div', 'plan-figures');
    line.id = 'plan-figures';
    const row = make('div', 'plan-tools');
    const kinds = make('select');
    kinds.setAttribute('aria-label', say('add'));
    const all = [...new Set(Object.values(shown.items).flat())];
    all.forEach((kind) => { const one = make('option', '', say('kind.' + kind)); one.value = kind; kinds.append(one); });
    newKind = all.includes(newKind) ? newKind : all[0];
    kinds.value = newKind;
    kinds.addEventListener('change', () => { newKind = kinds.value; });
    const turn = (name) => () => { mode = mode === name ? '' : name; tools(); place(); };
    const button = (name, click) => make('button', 'plain boxed' + (mode === name ? ' on' : ''), say(name), click || turn(name));
    row.append(button('add'), kinds, button('remove'), button('gate'), button('undo', () => { plan.changes = plan.changes.slice(0, -1); keep(); }),
      button('sites', () => { mode = mode === 'sites' ? '' : 'sites'; tools(); if (mode) propose(); }));
    const show = make('div', 'segments');
    ['before', 'after', 'diff'].forEach((name) => {
      const on = (query().get('show') || 'after') === name;
      show.append(make('a', on ? 'on' : '', say('show.' + name), () => qx.circles.own({ show: name === 'after' ? '' : name })));
    });
    const said = make('div', 'muted');
    said.id = 'plan-note';
    const changes = make('ol', 'plan-changes');
    changes.id = 'plan-changes';
    const rest = make('div', 'plan-sites');
    rest.id = 'plan-sites';
    bar.append(head, line, row, show, said, rest, changes);
    root.append(bar);
    figures(plan);
    list();
  }

  function list() {
    const rows = document.getElementById('plan-changes');
    if (!rows) return;
    const names = Object.fromEntries(shown.places.features.map((one) => [one.properties.id, one.properties.name]));
    rows.replaceChildren(...plan.changes.map((one, at) => {
      const what = one.op === 'add' ? say('kind.' + one.kind) : one.gate || names[one.facility] || one.key || one.facility;
      const item = make('li', '', say('op.' + one.op, { what }));
      item.append(make('button', 'plain', '×', () => { plan.changes = plan.changes.filter((_, i) => i !== at); keep(); }));
      return item;
    }));
  }

  function menu() {
    const root = box();
    ask('GET', 'scenarios?district=' + district()).then((rows) => {
      root.replaceChildren();
      const bar = make('div', 'plan-bar');
      const head = make('div', 'plan-head');
      head.append(make('b', '', say('plans')), make('button', 'plain', '×', tools));
      const known = make('ul', 'plan-list');
      rows.forEach((row) => {
        const item = make('li');
        item.append(make('a', '', row.name, () => qx.circles.own({ plan: row.id })), make('small', 'muted', row.owner + ' · ' + say('n_changes', { n: row.changes.length })),
          make('button', 'plain', '×', () => ask('DELETE', 'scenarios/' + row.id + '?district=' + district()).then(menu)));
        known.append(item);
      });
      if (!rows.length) known.append(make('li', 'muted', say('no_plans')));
      const form = make('form', 'plan-form');
      const name = make('input'), owner = make('input');
      name.placeholder = say('name'); name.required = true; name.maxLength = 60; name.name = 'name';
      owner.placeholder = say('owner'); owner.maxLength = 60; owner.name = 'owner';
      form.append(name, owner, make('button', 'plain boxed', say('create')));
      const fault = make('div', 'bad');
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        ask('POST', 'scenarios?district=' + district(), { name: name.value, owner: owner.value }).then((row) => qx.circles.own({ plan: row.id }))
          .catch((wrong) => { fault.textContent = wrong.message; });
      });
      bar.append(head, known, form, fault);
      root.append(bar);
    }).catch((fault) => { root.append(make('div', 'bad', fault.message)); });
  }

  // Where next: the quick answer at once, then the proven one takes its place.
  function propose() {
    const panel = document.getElementById('plan-sites');
    const row = make('div', 'plan-tools');
    const count = make('input');
    count.type = 'number'; count.min = 1; count.max = 10; count.value = sites ? sites.asked : 3;
    const answer = make('div');
    row.append(make('span', 'muted', say('sites.n', { kind: say('kind.' + newKind) })), count, make('button', 'plain boxed', say('sites.find'), find));
    panel.replaceChildren(row, answer);
    function find() {
      answer.textContent = say('sites.looking');
      ask('POST', 'circles/sites', { path: location.pathname, search: location.search, kind: newKind, most: Number(count.value), changes: plan.changes })
        .then(tell).catch((fault) => { answer.textContent = fault.message; });
    }
    function tell(told) {
      sites = told; sites.asked = Number(count.value);
      qx.circles.collection(map, 'circle-sites', { type: 'FeatureCollection', features: told.sites.map((one, at) => ({
        type: 'Feature', properties: { rank: at + 1 }, geometry: { type: 'Point', coordinates: [one.lon, one.lat] } })) });
      const state = told.state === 'working' ? say('sites.working', { s: told.seconds.toFixed(0) }) : told.proven ? say('sites.proven', { s: told.seconds.toFixed(1) })
        : say('sites.gap', { gap: (100 * told.gap).toFixed(1) });
      answer.replaceChildren(make('p', '', say('sites.answer', { n: told.sites.length, people: number(told.people) })), make('small', 'muted', state));
      const take = make('button', 'plain boxed', say('sites.take'), () => {
        clearTimeout(told.timer);
        const used = plan.changes.length;
        plan.changes = [...plan.changes, ...told.sites.map((one, at) => ({ op: 'add', kind: newKind, key: 's' + (Date.now() % 1e8) + '-' + (used + at), lon: one.lon, lat: one.lat, name: '' }))];
        mode = ''; sites = null;
        qx.circles.collection(map, 'circle-sites');
        tools();
        keep();
      });
      answer.append(take);
      if (told.state === 'working') {
        answer.append(make('button', 'plain', say('sites.stop'), () => ask('DELETE', 'circles/sites/' + told.job)));
        setTimeout(() => { if (mode === 'sites') ask('GET', 'circles/sites/' + told.job).then(tell).catch(() => {}); }, 700);
      }
    }
  }

  function click(event) {
    if (!plan) return false;
    if (held === 'dropped') { held = null; return true; }
    const near = [[event.point.x - 6, event.point.y - 6], [event.point.x + 6, event.point.y + 6]];
    const hit = (layer) => map.queryRenderedFeatures(near, { layers: [layer] })[0];
    if (mode === 'add') {
      const key = 'n' + (Date.now() % 1e9);
      commit({ op: 'add', kind: newKind, key, lon: event.lngLat.lng, lat: event.lngLat.lat, name: '' });
      return true;
    }
    const place_ = hit('circle-places');
    if (mode === 'remove' && place_) {
      commit(place_.properties.key ? { op: 'remove', key: place_.properties.key } : { op: 'remove', facility: place_.properties.id });
      return true;
    }
    const gate = mode === 'gate' && hit('circle-gates');
    if (gate) { commit({ op: gate.properties.open ? 'shut_gate' : 'open_gate', gate: gate.properties.gate }); return true; }
    return mode !== '';
  }

  function bind(m) {
    if (m.qxPlans) return;
    m.qxPlans = true;
    m.on('mousedown', (event) => {
      if (!plan || mode === 'add' || mode === 'remove' || mode === 'gate') return;
      const near = [[event.point.x - 6, event.point.y - 6], [event.point.x + 6, event.point.y + 6]];
      const hit = m.queryRenderedFeatures(near, { layers: ['circle-places'] })[0];
      if (!hit || hit.properties.state === 'removed') return;
      event.preventDefault();
      held = { start: event.point, properties: hit.properties, moved: false };
    });
    m.on('mousemove', (event) => {
      if (!held || held === 'dropped') return;
      if (!held.moved && Math.hypot(event.point.x - held.start.x, event.point.y - held.start.y) < 4) return;
      held.moved = true;
      held.to = { lon: event.lngLat.lng, lat: event.lngLat.lat };
      const changes = [...plan.changes, moveOf(held)];
      const before = plan.changes;
      plan.changes = changes; place(); plan.changes = before;
      attempt(changes);
    });
    m.on('mouseup', () => {
      if (!held || held === 'dropped') return;
      const done = held;
      held = done.moved ? 'dropped' : null;
      if (done.moved) { commit(moveOf(done)); setTimeout(() => { if (held === 'dropped') held = null; }, 300); }
    });
  }
  const moveOf = (one) => (one.properties.key ? { op: 'move', key: one.properties.key, ...one.to } : { op: 'move', facility: one.properties.id, ...one.to });

  qx.plan = { drawn, click, current: () => plan, attempt: (changes, done) => attempt(changes, done) };
})();
