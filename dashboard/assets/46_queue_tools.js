// The queue's tools: choose many cases (space), act on them at once (a), and keep views by name.
(function () {
  const chosen = new Set(); // numbers, so that the choice survives a redrawn list
  const rows = () => [...document.querySelectorAll('.queue-row[data-number]')];
  const tools = () => document.querySelector('.queue-tools');
  const told = () => JSON.parse(tools().dataset.tools);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

  function show() {
    const bar = tools();
    if (!bar) { chosen.clear(); return; }
    const here = new Set(rows().map((row) => row.dataset.number));
    if (here.size) [...chosen].forEach((number) => { if (!here.has(number)) chosen.delete(number); });
    rows().forEach((row) => {
      const on = chosen.has(row.dataset.number);
      if (row.classList.contains('picked') !== on) row.classList.toggle('picked', on);
      const box = row.querySelector('.pick');
      if (box.getAttribute('aria-checked') !== String(on)) box.setAttribute('aria-checked', String(on));
    });
    const words = told().words;
    const text = chosen.size ? fill(words.chosen, { n: chosen.size }) : '';
    const spot = bar.querySelector('.chosen');
    if (spot.textContent !== text) spot.textContent = text;
    bar.querySelector('.bulk').disabled = !chosen.size;
    bar.querySelector('.clear').hidden = !chosen.size;
    views(bar);
  }

  const kept = () => { try { return JSON.parse(localStorage.getItem('qx_views') || '[]'); } catch { return []; } };
  function views(bar) {
    const spot = bar.querySelector('.views');
    const here = location.pathname + location.search;
    const key = JSON.stringify([kept(), here]);
    if (spot.dataset.key === key) return;
    spot.dataset.key = key;
    spot.replaceChildren(...kept().map((view, i) => {
      const link = qx.forms.make('a', { href: view.url, textContent: view.name, className: 'chip-link view' + (view.url === here ? ' on' : '') });
      const drop = qx.forms.make('button', { type: 'button', className: 'drop', textContent: '×', title: told().words['views.drop'] });
      drop.onclick = () => { localStorage.setItem('qx_views', JSON.stringify(kept().filter((_, k) => k !== i))); show(); };
      return qx.forms.make('span', { className: 'saved' }, link, drop);
    }));
  }
  function saveView() {
    const { words, name } = told();
    const dialog = qx.forms.open({ title: words['views.save'], note: words['views.hint'], submit: words['views.save'], action: '', signed: false,
      fields: [{ name: 'name', label: words['views.name'], kind: 'text', required: true, most: 30, value: name }] });
    dialog.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const url = location.pathname + location.search;
      const views = kept().filter((view) => view.url !== url);
      localStorage.setItem('qx_views', JSON.stringify([...views, { name: dialog.querySelector('#field-name').value.trim(), url }].slice(-12)));
      dialog.remove();
      show();
    }, true);
  }

  function bulk() {
    if (!chosen.size) return;
    const { words, labels, units, needs } = told();
    const picked = rows().filter((row) => chosen.has(row.dataset.number));
    const count = {};
    picked.forEach((row) => row.dataset.moves.split(' ').forEach((word) => { count[word] = (count[word] || 0) + 1; }));
    const options = Object.keys(labels).filter((word) => count[word])
      .map((word) => [word, fill(words['bulk.able'], { act: labels[word], n: count[word], all: picked.length })]);
    // what most of them may do next is what is meant; going back has to be chosen
    const onwards = options.filter(([word]) => needs.onwards.includes(word)).sort(([a], [b]) => count[b] - count[a])[0] || options[0];
    const extra = { body: { numbers: picked.map((row) => row.dataset.number) }, then: (answer) => report(answer, words) };
    const dialog = qx.forms.open({
      title: fill(words.bulk, { n: picked.length }), note: words['bulk.note'], action: '/api/v1/desk/moves', signed: true, unit: 'field',
      submit: words.act.replace(/[（(].*$/, ''),
      fields: [
        { name: 'stage', label: words['bulk.move'], kind: 'select', required: true, value: onwards[0], options },
        { name: 'unit', label: words.unit, kind: 'combo', options: units.map((unit) => [unit, unit]), most: 120 },
        { name: 'reason', label: words.reason, kind: 'area', most: 500 }
      ]
    }, extra);
    const stage = dialog.querySelector('#field-stage');
    const adapt = () => {
      const unit = dialog.querySelector('#field-unit');
      unit.required = needs.unit.includes(stage.value);
      unit.closest('.form-field').hidden = !unit.required;
      if (!unit.required) unit.value = '';
      dialog.querySelector('#field-reason').required = needs.reason.includes(stage.value);
    };
    stage.addEventListener('change', adapt);
    adapt();
  }
  function report(answer, words) {
    chosen.clear();
    answer.refused.forEach((one) => chosen.add(one.number));
    if (!answer.refused.length) { qx.forms.toast(fill(words['bulk.moved'], { n: answer.moved.length })); return; }
    const { make } = qx.forms;
    const dialog = make('dialog', { className: 'form-dialog bulk-result' },
      make('h2', { textContent: fill(words['bulk.moved'], { n: answer.moved.length }) }),
      make('p', { textContent: fill(words['bulk.refused'], { n: answer.refused.length }) }),
      make('ul', {}, ...answer.refused.map((one) => make('li', {},
        make('a', { href: '/case/' + one.number, textContent: one.number }), ' ' + one.message))),
      make('div', { className: 'acts' }, make('button', { className: 'act main', type: 'button', textContent: 'OK', onclick: () => dialog.remove() })));
    document.body.append(dialog);
    dialog.showModal();
  }

  function toggle(row) {
    const number = row.dataset.number;
    if (chosen.has(number)) chosen.delete(number); else chosen.add(number);
    show();
  }

  document.addEventListener('click', (event) => {
    const box = event.target.closest('.queue-row .pick');
    if (box) {
      event.stopPropagation();
      event.preventDefault();
      toggle(box.closest('.queue-row'));
      return;
    }
    const bar = event.target.closest('.queue-tools');
    if (!bar) return;
    if (event.target.closest('.bulk')) bulk();
    if (event.target.closest('.all')) { rows().forEach((row) => chosen.add(row.dataset.number)); show(); }
    if (event.target.closest('.clear')) { chosen.clear(); show(); }
    if (event.target.closest('.save-view')) saveView();
  }, true);

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !tools()) return;
    if (event.target.closest('input, textarea, select, button, dialog')) return;
    const row = event.target.closest('.queue-row');
    if (event.key === ' ' && row) { event.preventDefault(); toggle(row); }
    if (event.key === 'a' && chosen.size) { event.preventDefault(); bulk(); }
  });

  new MutationObserver(show).observe(document.documentElement, { childList: true, subtree: true });
  addEventListener('popstate', () => setTimeout(show, 0));
})();
