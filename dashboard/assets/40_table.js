// The table beside the map: a row under the pointer lights its area, a click opens it.
(function () {
  window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {};
  window.dashAgGridComponentFunctions.QxAreaCell = function (props) {
    const row = props.data;
    const h = React.createElement;
    if (row.kind === 'total') return h('b', null, row.name);
    return h('span', { className: 'qx-cell ' + row.kind }, h('a', { href: qx.hrefOf(row) }, row.name));
  };
  qx.hrefOf = function (row) {
    const q = new URLSearchParams(location.search);
    ['v', 'bucket', 'bu', 'topic'].forEach((key) => q.delete(key));
    const state = qx.map.state();
    if (row.kind === 'bucket') {
      q.set('tab', 'cases');
      q.set('bucket', row.key.replace('bucket-', ''));
      q.set('bu', { 6: 'street', 9: 'community' }[state ? state.code.length : 6] || 'cell'); // what lies in no row above
      return (state ? state.path : '/') + '?' + q.toString().replaceAll('%2C', ',');
    }
    const text = q.toString().replaceAll('%2C', ',');
    return '/area/' + row.key + (text ? '?' + text : '');
  };
  document.addEventListener('mouseover', (event) => {
    const row = event.target.closest && event.target.closest('.areas .ag-row');
    if (row) qx.map.highlight(/^\d+$/.test(row.getAttribute('row-id') || '') ? row.getAttribute('row-id') : '');
    else if (event.target.closest && event.target.closest('.table-wrap') === null) return;
  });
  document.addEventListener('mouseout', (event) => {
    if (event.target.closest && event.target.closest('.areas .ag-row')) qx.map.highlight('');
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('a')) return;
    const row = event.target.closest('.areas .ag-row');
    const link = row && row.querySelector('.qx-cell a');
    if (link) qx.go(link.getAttribute('href'));
  });
})();
