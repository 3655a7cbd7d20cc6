// Board, balance and rules follow the live record; the other tabs are of the moment they were opened.
document.addEventListener('qx:tick', () => {
  if (document.querySelector('#chains .chains-body:is(.board, .balance, .rules)') && window.dash_clientside && dash_clientside.set_props) {
    dash_clientside.set_props('chains', { 'data-tick': String(Date.now()) });
  }
});
