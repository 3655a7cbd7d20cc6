// The form itself. What is typed is a draft from the first letter on, and stays in the phone until it is sent.
(function () {
  const config = JSON.parse(document.getElementById('config').textContent);
  const words = config.words;
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (tag, given = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), given);
    node.append(...children.filter(Boolean));
    return node;
  };
  const read = (name, none) => { try { return JSON.parse(localStorage.getItem(name)) || none; } catch { return none; } };
  const main = document.getElementById('report');
  const draft = { kind: '', text: '', place: '', contact: '', lon: null, lat: null, ...read('qx_report_draft', {}) };
  let photos = [];
  const keep = () => localStorage.setItem('qx_report_draft', JSON.stringify(draft));

  const note = make('p', { className: 'note', role: 'status', hidden: true });
  const fault = make('p', { className: 'note fault', role: 'alert', hidden: true });
  const done = make('section', { className: 'done', hidden: true });
  const told = (node, text) => { node.textContent = text; node.hidden = !text; };

  // what: a search box, and the classes that fit
  const search = make('input', { id: 'what', type: 'search', placeholder: words['what.search'], autocomplete: 'off' });
  const kinds = make('div', { className: 'kinds' });
  const chosen = make('div', { className: 'chosen', hidden: true });
  function showKinds() {
    const kind = config.kinds.find((one) => one.code === draft.kind);
    search.hidden = kinds.hidden = Boolean(kind);
    chosen.hidden = !kind;
    if (kind) {
      chosen.replaceChildren(make('span', {}, make('b', { textContent: kind.name }), ' ', make('small', { textContent: kind.group })),
        make('button', { type: 'button', textContent: words['what.change'], onclick: () => { draft.kind = ''; changed(); showKinds(); search.focus(); } }));
      return;
    }
    const typed = search.value.trim().toLowerCase();
    // words that begin so come before those that only hold it
    const rank = (one) => (one.find.split(' ').some((word) => word.startsWith(typed)) ? 0 : 1);
    const found = typed ? config.kinds.filter((one) => one.find.includes(typed)).sort((a, b) => rank(a) - rank(b)).slice(0, 8) : [];
    kinds.replaceChildren(...found.map((one) => make('button', { type: 'button', onclick: () => { draft.kind = one.code; changed(); showKinds(); } },
      make('span', { textContent: one.name }), make('small', { textContent: one.group }))));
    if (typed && !found.length) kinds.append(make('small', { textContent: words['what.none'] }));
  }
  search.addEventListener('input', showKinds);

  const text = make('textarea', { id: 'text', rows: 2, maxLength: 200, placeholder: words['text.hint'], value: draft.text });
  const place = make('input', { id: 'place', maxLength: 200, value: draft.place });
  const contact = make('input', { id: 'contact', type: 'tel', maxLength: 60, value: draft.contact, autocomplete: 'tel' });
  [['text', text], ['place', place], ['contact', contact]].forEach(([name, node]) => node.addEventListener('input', () => { draft[name] = node.value; changed(); }));

  // where: the phone's own place, or a tap
  const where = make('small', {});
  const holder = make('div', { className: 'tap' });
  const map = window.tapMap(holder, config, (lon, lat) => setPlace(lon, lat));
  holder.append(make('div', { className: 'zoom' },
    make('button', { type: 'button', textContent: '+', onclick: () => map.zoom(2) }), make('button', { type: 'button', textContent: '−', onclick: () => map.zoom(0.5) })));
  if (config.schematic) holder.append(make('small', { textContent: words.schematic }));
  function setPlace(lon, lat) {
    draft.lon = lon === null ? null : Number(lon.toFixed(6));
    draft.lat = lat === null ? null : Number(lat.toFixed(6));
    where.textContent = draft.lon === null ? words['map.none'] : say('map.set', { lat: draft.lat.toFixed(5), lon: draft.lon.toFixed(5) });
    changed();
  }
  const here = make('button', { type: 'button', textContent: words.here, onclick: () => {
    told(note, words['here.wait']);
    navigator.geolocation.getCurrentPosition(
      (found) => { told(note, ''); map.show(found.coords.longitude, found.coords.latitude); setPlace(found.coords.longitude, found.coords.latitude); },
      () => told(note, words['here.no']), { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 });
  } });
  // browsers give a place only to pages served over TLS
  here.hidden = !navigator.geolocation || !window.isSecureContext;

  const shots = make('div', { className: 'shots' });
  const file = make('input', { type: 'file', accept: 'image/*', multiple: true, hidden: true, id: 'photo' });
  file.addEventListener('change', () => {
    told(fault, [...file.files].some((one) => one.size > 12e6) ? words['photo.large'] : '');
    photos = [...photos, ...[...file.files].filter((one) => one.size <= 12e6)].slice(0, 4);
    file.value = '';
    showShots();
  });
  function showShots() {
    shots.replaceChildren(...photos.map((one, i) => make('figure', {}, make('img', { src: URL.createObjectURL(one), alt: one.name }),
      make('button', { type: 'button', textContent: '×', onclick: () => { photos = photos.filter((_, k) => k !== i); showShots(); } }))));
  }

  const send = make('button', { type: 'submit', id: 'send', textContent: words.send });
  function changed() { keep(); send.disabled = !draft.kind || !draft.text.trim(); }
  const field = (label, id, ...nodes) => make('section', {}, make('h2', {}, make('label', { htmlFor: id, textContent: label })), ...nodes);
  const form = make('form', {},
    field(words.what, 'what', search, kinds, chosen), field(words.text, 'text', text),
    field(words.where, 'place', make('div', { className: 'row' }, here, make('small', { textContent: words.map })), holder, where, place),
    field(words.photo, 'photo', make('button', { type: 'button', textContent: words['photo.add'], onclick: () => file.click() }), file, shots),
    field(words.contact, 'contact', contact), make('div', { className: 'send' }, send));
  form.style.display = 'grid';
  form.style.gap = '1.25rem';
  place.placeholder = words.place;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    told(fault, '');
    told(note, words.sending);
    const id = window.reportOutbox.newId();
    const report = { external_id: id, category: draft.kind, text: draft.text.trim(), place: draft.place.trim(), contact: draft.contact.trim() };
    if (draft.lon !== null) Object.assign(report, { lon: draft.lon, lat: draft.lat });
    window.reportOutbox.add({ id, report, photos, number: '' }).then(clear, (broken) => { told(fault, String(broken)); send.disabled = false; });
  });
  function clear() {
    Object.assign(draft, { kind: '', text: '', place: '', lon: null, lat: null });
    photos = [];
    text.value = place.value = search.value = '';
    map.clear();
    setPlace(null, null);
    showKinds();
    showShots();
  }

  const mine = make('section', { className: 'mine' });
  function showMine() {
    const sent = read('qx_report_sent', []);
    mine.hidden = !sent.length;
    mine.replaceChildren(make('h2', { textContent: words.mine }), make('ul', {}, ...sent.slice(-8).reverse().map((one) =>
      make('li', {}, make('a', { href: '/case/' + one.number, textContent: one.number }), ' ' + one.text))));
  }
  const waits = make('p', { className: 'muted', hidden: true });
  window.reportOutbox.hear((kind, item) => {
    if (kind === 'count') told(waits, item ? say('waiting', { n: item }) : '');
    if (kind === 'kept') told(note, words.kept);
    if (kind === 'photo') told(fault, say('photo.refused', { why: item.why }));
    if (kind === 'refused') { told(note, ''); told(fault, say('refused', { why: item.why })); }
    if (kind === 'sent') {
      told(note, '');
      localStorage.setItem('qx_report_sent', JSON.stringify([...read('qx_report_sent', []), { number: item.number, text: item.report.text }].slice(-30)));
      showMine();
      done.replaceChildren(make('h2', { textContent: words.done }), make('b', { id: 'number', textContent: item.number }),
        make('small', { textContent: words['done.note'] }), make('a', { className: 'button', href: '/case/' + item.number, textContent: words.look }));
      done.hidden = false;
      done.scrollIntoView({ block: 'center' });
    }
  });

  main.append(make('header', {}, make('h1', { textContent: config.district + ' · ' + words.title }), make('p', { className: 'lead', textContent: words.lead })),
    note, fault, done, waits, form, mine);
  showKinds();
  showMine();
  if (draft.lon !== null) map.show(draft.lon, draft.lat);
  setPlace(draft.lon, draft.lat);
  window.reportOutbox.flush();
})();
