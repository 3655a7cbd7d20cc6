// The live road: ticks carry no data; the screen asks again for what it shows, never faster than it can draw.
(function () {
  const LEAST_MS = 1000; // a new case must show within two seconds, also right after another one
  const SILENCE_MS = 12000;
  let socket = null;
  let waitMs = 500;
  let heardAt = Date.now();
  let connectedOnce = false;
  let build = null;
  let due = null;
  let askedAt = Date.now();
  let seq = 0;

  function ask() {
    due = null;
    if (document.hidden) return;
    askedAt = Date.now();
    qx.map.refresh();
    document.dispatchEvent(new CustomEvent('qx:tick'));
    if (window.dash_clientside && dash_clientside.set_props) dash_clientside.set_props('live-tick', { data: ++seq });
  }
  function askSoon() {
    if (!due) due = setTimeout(ask, Math.max(0, LEAST_MS - (Date.now() - askedAt)));
  }
  function concerns(tick) {
    const state = qx.map.state();
    if (tick.type === 'resync' || !state) return true;
    const street = state.code.slice(0, 9);
    return tick.areas.some((code) => code.startsWith(street) || street.startsWith(code));
  }
  function lost(on) {
    const shell = document.getElementById('shell');
    if (shell) shell.classList.toggle('lost', on);
  }
  function connect() {
    socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/ws/live');
    socket.onmessage = (message) => {
      heardAt = Date.now();
      waitMs = 500;
      const tick = JSON.parse(message.data);
      if (tick.type === 'hello') {
        if (build && build !== tick.build) location.reload();
        build = tick.build;
        lost(false);
        if (connectedOnce) askSoon();
        connectedOnce = true;
      } else if (tick.type === 'beat') {
        lost(!tick.database);
      } else if (concerns(tick)) {
        askSoon();
      }
    };
    socket.onclose = () => {
      lost(true);
      setTimeout(connect, waitMs * (0.7 + 0.6 * Math.random()));
      waitMs = Math.min(waitMs * 2, 15000);
    };
  }
  qx.live = { ask: askSoon };
  setInterval(() => {
    if (socket && Date.now() - heardAt > SILENCE_MS) { heardAt = Date.now(); socket.close(); }
    if (Date.now() - heardAt > SILENCE_MS && Date.now() - askedAt > 15000) ask(); // no socket: poll
  }, 3000);
  setInterval(() => { if (!document.hidden && Date.now() - askedAt > 30000) ask(); }, 5000); // clocks run without cases
  document.addEventListener('visibilitychange', () => { if (!document.hidden) askSoon(); });
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', connect); else connect();
})();
