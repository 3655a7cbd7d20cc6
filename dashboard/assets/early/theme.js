// Before the first paint: the theme that the server will draw for, from the address, else the cookie, else dark.
(function () {
  var q = new URLSearchParams(location.search);
  var cookie = function (name) { return (document.cookie.match('(?:^|; )' + name + '=([^;]*)') || [])[1]; };
  var theme = q.get('theme') || cookie('qx_theme');
  var lang = q.get('lang') || cookie('qx_lang') || (navigator.language || 'zh').slice(0, 2);
  document.documentElement.dataset.theme = theme === 'light' ? 'light' : 'dark';
  document.documentElement.lang = lang === 'en' ? 'en' : 'zh-CN';
  // What is drawn in pixels (map, charts) is drawn larger on a 4K wall, as the style sheet does by rem.
  var scale = innerWidth >= 2400 ? Math.round(innerWidth / 1920 * 20) / 20 : 1;
  document.cookie = 'qx_scale=' + scale + ';path=/;samesite=lax';
  document.documentElement.dataset.scale = scale;
  // How large the map will be (the columns of 00_base.css), so that the server's first camera fits and stays.
  var rem = innerWidth >= 2400 ? innerWidth / 120 : innerWidth >= 1200 ? 16 : 14;
  var queue = location.pathname.indexOf('/queue') === 0;
  var small = innerWidth <= 1500;
  var room = innerWidth - 4 * rem;
  var panel = queue ? Math.max(38 * rem, room * 0.52) : (small ? 24 : 30) * rem;
  var line = queue ? 0 : (small ? 8.5 : 10) * rem;
  document.cookie = 'qx_map=' + Math.round(room - panel) + 'x' + Math.round(innerHeight - 3.5 * rem - line) + ';path=/;samesite=lax';
  // When the visit before this one ended: a pause of ten minutes begins a new visit.
  var stamp = function (name, seconds) { document.cookie = 'qx_' + name + '=' + seconds + ';path=/;max-age=31536000;samesite=lax'; };
  var alive = function () {
    var now = Math.round(Date.now() / 1000);
    var last = Number(cookie('qx_here') || 0);
    if (last && now - last > 600) stamp('seen', last);
    if (!document.hidden) stamp('here', now);
  };
  alive();
  setInterval(alive, 60000);
})();
