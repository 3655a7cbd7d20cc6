// The form of the page Screens: fields are made here, because the shell's components carry no inputs of their own kind.
(function () {
  const page = () => document.querySelector('.screens');
  new MutationObserver(() => {
    document.querySelectorAll('.screens .field:empty').forEach((box) => {
      const { field, options, value, hint } = box.dataset;
      const made = document.createElement(options ? 'select' : 'input');
      if (options) options.split(',').forEach((one) => made.add(new Option(one.replace('x', ' × '), one)));
      else Object.assign(made, { value: value || '', placeholder: hint || '', autocomplete: 'off' });
      made.name = field;
      box.append(made);
    });
  }).observe(document.documentElement, { childList: true, subtree: true });

  async function send(path, body) {
    const answer = await fetch('/api/v1/screens/' + path, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body || {})
    });
    if (answer.ok) { location.reload(); return; }
    const told = (await answer.json()).error;
    page().querySelector('.screens-answer').textContent =
      told.fields.length ? told.fields.map((one) => one.field + ': ' + one.message).join('; ') : told.message;
  }
  document.addEventListener('click', (event) => {
    const at = event.target.closest('[data-approve], [data-revoke], [data-code]');
    if (!at || !page()) return;
    if (at.dataset.code) { page().querySelector('[name=code]').value = at.dataset.code; return; }
    if (at.dataset.revoke) { send(encodeURIComponent(at.dataset.revoke) + '/revoke'); return; }
    const said = Object.fromEntries([...page().querySelectorAll('.field > *')].map((one) => [one.name, one.value.trim()]));
    send('approve', {
      code: said.code.replace(/\s/g, ''), name: said.name, scope: said.scope, layout: said.layout,
      metres: Number(said.metres) || 4, mm_per_px: said.mm ? Number(said.mm) : null, lang: document.documentElement.lang === 'en' ? 'en' : 'zh'
    });
  });
})();
