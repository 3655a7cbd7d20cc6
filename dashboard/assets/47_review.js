// Days of the review: fields made here, the address is their only home; files are fetched with a word while they are made.
(function () {
  new MutationObserver(() => {
    document.querySelectorAll('.review .field:empty').forEach((box) => {
      const made = document.createElement('input');
      Object.assign(made, { type: 'date', name: box.dataset.day, value: box.dataset.value });
      box.append(made);
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
  const span = (a, b) => (a === b ? a : a + '..' + b);
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-compare]')) return;
    const day = (name) => document.querySelector('.review [name=' + name + ']').value;
    if (['a1', 'a2', 'b1', 'b2'].some((name) => !day(name)) || day('a1') > day('a2') || day('b1') > day('b2')) return;
    const q = new URLSearchParams(location.search);
    q.set('on', span(day('a1'), day('a2')));
    q.set('b', span(day('b1'), day('b2')));
    qx.go(location.pathname + '?' + q.toString());
  });
  document.addEventListener('click', async (event) => {
    const link = event.target.closest('.review-files a');
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (link.dataset.busy) return;
    const text = link.textContent;
    link.dataset.busy = '1';
    link.textContent = text + ' …';
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) { link.title = (await answer.json()).error.message; link.textContent = text + ' ✕'; alert(link.title); return; }
      const name = /filename\*=UTF-8''(.+)$/.exec(answer.headers.get('Content-Disposition') || '');
      const made = document.createElement('a');
      made.href = URL.createObjectURL(await answer.blob());
      made.download = name ? decodeURIComponent(name[1]) : 'brief';
      made.click();
      setTimeout(() => URL.revokeObjectURL(made.href), 10000);
      link.textContent = text + ' ✓';
    } catch (fault) { link.textContent = text + ' ✕'; } finally { delete link.dataset.busy; }
  });
})();
