// Reports that wait to be sent: kept in the browser's database, sent once the network is there, never twice.
// The server knows a report by its id and a photo by its content, so a repeated transmission changes nothing.
window.reportOutbox = (function () {
  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open('qx-report', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('waiting', { keyPath: 'id' });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const store = (mode, work) => opened.then((base) => new Promise((resolve, reject) => {
    const move = base.transaction('waiting', mode);
    const asked = work(move.objectStore('waiting'));
    move.oncomplete = () => resolve(asked.result);
    move.onerror = () => reject(move.error);
  }));
  const put = (item) => store('readwrite', (all) => all.put(item));
  const drop = (id) => store('readwrite', (all) => all.delete(id));
  const waiting = () => store('readonly', (all) => all.getAll());
  const listeners = [];
  const tell = (kind, told) => listeners.forEach((hear) => hear(kind, told));

  // ids also where the page is not served over TLS, where randomUUID does not exist
  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

  async function post(address, body, type) {
    const answer = await fetch(address, { method: 'POST', body, headers: { 'Content-Type': type, 'X-Language': document.documentElement.lang === 'en' ? 'en' : 'zh' } });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    const why = (told.error || {}).message || 'HTTP ' + answer.status;
    // the server's own trouble passes; what it refuses stays refused
    throw Object.assign(new Error(why), { refused: answer.status >= 400 && answer.status < 500 && answer.status !== 429 });
  }

  async function send(item) {
    if (!item.number) {
      const told = await post('/api/v1/reports', JSON.stringify(item.report), 'application/json');
      item.number = told.number;
      await put(item);
    }
    while (item.photos.length) {
      try {
        await post('/api/v1/cases/' + item.number + '/photos', item.photos[0], 'application/octet-stream');
      } catch (fault) {
        if (!fault.refused) throw fault;
        tell('photo', { why: fault.message });
      }
      item.photos = item.photos.slice(1);
      await put(item);
    }
    await drop(item.id);
    tell('sent', item);
  }

  let busy = false;
  async function flush() {
    if (busy) return;
    busy = true;
    try {
      for (const item of await waiting()) {
        try {
          await send(item);
        } catch (fault) {
          if (!fault.refused) { tell('kept', item); break; }
          await drop(item.id);
          tell('refused', { ...item, why: fault.message });
        }
      }
    } finally {
      busy = false;
      tell('count', (await waiting()).length);
    }
  }
  addEventListener('online', flush);
  setInterval(() => waiting().then((all) => { if (all.length) flush(); }), 10000);
  return { newId, add: (item) => put(item).then(flush), flush, waiting, hear: (work) => listeners.push(work) };
})();
