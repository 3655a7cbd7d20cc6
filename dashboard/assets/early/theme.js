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
})();
