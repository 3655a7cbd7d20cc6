// Forms that a button opens: drawn from the data it carries, outside what the server redraws, and sent as JSON.
(function () {
  const zh = () => document.documentElement.lang !== 'en';
  const say = (chinese, english) => (zh() ? chinese : english);
  const make = (tag, given = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), given);
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const cookie = (name) => decodeURIComponent((document.cookie.match('(?:^|; )' + name + '=([^;]*)') || [])[1] || '');
  const keep = (name, value) => {
    document.cookie = name + '=' + encodeURIComponent(value) + ';path=/;max-age=31536000;samesite=lax';
  };
  const who = () => ({ actor: cookie('qx_actor'), unit: cookie('qx_unit') });
  const own = new WeakMap(); // what a field's answer is

  function control(spec) {
    const shared = document.querySelector('[data-lists]');
    const options = spec.list ? JSON.parse(shared.dataset.lists)[spec.list] : spec.options || [];
    const id = 'field-' + spec.name;
    const base = { id, name: spec.name, required: Boolean(spec.required) };
    let node;
    if (spec.kind === 'select') {
      node = make('select', base, ...[['', '—'], ...options].filter(([value]) => value || !spec.value)
        .map(([value, label]) => make('option', { value, textContent: label, selected: value === spec.value })));
      own.set(node, () => node.value);
    } else if (spec.kind === 'many') {
      const chosen = (spec.value || '').split(',');
      const boxes = options.map(([value, label]) => make('label', { className: 'check' },
        make('input', { type: 'checkbox', value, checked: chosen.includes(value) }), label));
      node = make('div', { className: 'checks', id }, ...boxes);
      own.set(node, () => [...node.querySelectorAll('input:checked')].map((box) => box.value));
    } else if (spec.kind === 'area') {
      node = make('textarea', { ...base, rows: 3, value: spec.value || '', maxLength: spec.most || 500 });
      own.set(node, () => node.value.trim());
    } else {
      const type = { number: 'number', date: 'date', moment: 'datetime-local' }[spec.kind] || 'text';
      node = make('input', { ...base, type, value: spec.value || '' });
      if (type === 'number') Object.assign(node, { min: 1, max: spec.most || 999, step: 1 });
      else if (spec.most) node.maxLength = spec.most;
      own.set(node, () => (type === 'number' ? (node.value === '' ? null : Number(node.value))
        : type === 'datetime-local' ? (node.value ? node.value + ':00' + (spec.offset || '+08:00') : null)
          : node.value.trim() || (type === 'date' ? null : '')));
    }
    const list = spec.kind === 'combo'
      ? make('datalist', { id: id + '-list' }, ...options.map(([value]) => make('option', { value }))) : null;
    if (list) node.setAttribute('list', list.id);
    return make('div', { className: 'form-field' },
      make('label', { htmlFor: id, textContent: spec.label + (spec.required ? ' *' : '') }), node, list,
      spec.hint ? make('small', { textContent: spec.hint }) : null);
  }

  function signature() {
    const now = who();
    const name = make('input', { name: '-actor', required: true, maxLength: 60, value: now.actor, autocomplete: 'off' });
    const unit = make('input', { name: '-unit', maxLength: 60, value: now.unit, autocomplete: 'off' });
    return make('fieldset', { className: 'signature' },
      make('legend', { textContent: say('经办', 'Signed as') }),
      make('label', {}, say('姓名 *', 'Name *'), name), make('label', {}, say('单位', 'Unit'), unit),
      make('small', { textContent: say('还没有账号登录：姓名和单位只记在办理过程里，保存在本浏览器。',
        'There are no accounts yet: name and unit go on record and stay in this browser.') }));
  }

  function answers(form, spec) {
    const body = { ...(spec.fixed || {}) };
    spec.fields.forEach((field) => {
      const node = form.querySelector('#field-' + field.name);
      const value = own.get(node)();
      if (value !== null && !(value === '' && !field.required)) body[field.name] = field.int ? Number(value) : value;
    });
    if (spec.signed) {
      const actor = form.elements['-actor'].value.trim();
      const unit = form.elements['-unit'].value.trim();
      keep('qx_actor', actor);
      keep('qx_unit', unit);
      signed();
      body.actor = actor;
      if (spec.unit === 'own') body.unit = unit;
      else if (unit) body.actor = actor + ' · ' + unit;
    }
    return body;
  }

  async function send(action, body, key) {
    const headers = { 'Content-Type': 'application/json', 'X-Language': zh() ? 'zh' : 'en' };
    if (key) headers['Idempotency-Key'] = key;
    const answer = await fetch(action, { method: 'POST', headers, body: JSON.stringify(body) });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    const error = told.error || {};
    const fields = (error.fields || []).map((one) => one.field.replace('body.', '') + ': ' + one.message).join('; ');
    throw new Error(error.message ? error.message + (fields ? ' (' + fields + ')' : '') : 'HTTP ' + answer.status);
  }

  function open(spec, extra) {
    const key = crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + Math.random();
    const fault = make('p', { className: 'form-fault', role: 'alert', hidden: true });
    const submit = make('button', { className: 'act main', type: 'submit', textContent: spec.submit });
    const form = make('form', { method: 'dialog' },
      make('h2', { textContent: spec.title }),
      spec.note ? make('p', { className: 'form-note', textContent: spec.note }) : null,
      extra && extra.lines ? extra.lines : null,
      ...spec.fields.map(control),
      spec.signed ? signature() : null, fault,
      make('div', { className: 'acts' }, submit,
        make('button', { className: 'act', type: 'button', textContent: say('取消', 'Cancel'), onclick: () => shut() })));
    const dialog = make('dialog', { className: 'form-dialog' }, form);
    const shut = () => { dialog.close(); dialog.remove(); qx.map.spot(); };
    dialog.addEventListener('cancel', shut);
    dialog.addEventListener('keydown', (event) => event.stopPropagation());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      submit.disabled = true;
      fault.hidden = true;
      try {
        const told = await send(spec.action, { ...answers(form, spec), ...((extra && extra.body) || {}) }, key);
        shut();
        if (extra && extra.then) extra.then(told);
        else if (spec.done) toast(spec.done);
        if (spec.go) qx.go(spec.go.replace('{number}', told.number).replace('{id}', told.id));
        qx.live.ask();
      } catch (error) {
        fault.textContent = error instanceof TypeError ? say('没有连上服务器，请再试一次', 'The server can not be reached; try again')
          : error.message;
        fault.hidden = false;
        submit.disabled = false;
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = form.querySelector('.form-field input, .form-field select, .form-field textarea, .signature input');
    if (first) first.focus();
    return dialog;
  }

  // First a place on the map, then the form.
  function start(spec) {
    if (!spec.pick) { open(spec); return; }
    const banner = make('div', { className: 'pick-banner', role: 'status', textContent: spec.pick });
    const end = (event) => {
      if (event && event.key !== 'Escape') return;
      if (event) event.stopImmediatePropagation();
      banner.remove();
      qx.map.pick(null);
      document.removeEventListener('keydown', end, true);
    };
    document.body.append(banner);
    document.addEventListener('keydown', end, true);
    const wrap = document.querySelector('.map-wrap');
    if (wrap) wrap.scrollIntoView({ block: 'nearest' });
    qx.map.pick((lon, lat) => {
      end();
      const told = make('p', { className: 'form-note', textContent: say('位置 ', 'Place ') + lat.toFixed(5) + ', ' + lon.toFixed(5) });
      open(spec, { lines: told, body: { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) } });
    });
  }

  function toast(text, ms = 3500) {
    const note = make('div', { className: 'toast', role: 'status', textContent: text });
    document.body.append(note);
    setTimeout(() => note.remove(), ms);
  }

  function signed() {
    const now = who();
    document.querySelectorAll('[data-who]').forEach((line) => {
      const text = line.dataset.who + (zh() ? '：' : ': ') + ([now.actor, now.unit].filter(Boolean).join(' · ') || say('未填，办第一件事时会问', 'not told yet; asked at the first action'));
      if (line.textContent !== text) line.textContent = text;
    });
  }
  new MutationObserver(signed).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-form]');
    if (!button) return;
    event.preventDefault();
    start(JSON.parse(button.dataset.form));
  });

  // the community page follows the record as the panels do
  document.addEventListener('qx:tick', () => {
    if (document.getElementById('community')) dash_clientside.set_props('community-tick', { data: Date.now() });
  });

  qx.forms = { open, start, send, toast, who, make, say, cookie, keep };
})();

// A photo on the page of a case: chosen, sent as it is, and drawn anew by the server.
document.addEventListener('click', (event) => {
  const label = event.target.closest('.photo-add');
  if (!label) return;
  const { make, say, toast, who } = qx.forms;
  const number = location.pathname.split('/').pop();
  const file = make('input', { type: 'file', accept: 'image/*' });
  file.addEventListener('change', async () => {
    const one = file.files[0];
    if (!one) return;
    const query = new URLSearchParams(who());
    const answer = await fetch('/api/v1/cases/' + number + '/photos?' + query, {
      method: 'POST', body: one, headers: { 'X-Language': document.documentElement.lang === 'en' ? 'en' : 'zh' }
    }).catch(() => null);
    const told = answer ? await answer.json().catch(() => ({})) : {};
    toast(answer && answer.ok ? say('照片已附上', 'Photo added') : (told.error || {}).message || say('没有连上服务器', 'The server can not be reached'));
    qx.live.ask();
  });
  file.click();
});
