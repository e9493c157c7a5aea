// Runs before the first paint, so that a dark screen never flashes white. Kept outside the page because of the CSP.
;(function () {
  var choice = 'system'
  try {
    choice = JSON.parse(localStorage.getItem('fio.theme') || '"system"')
  } catch (e) {
    choice = 'system'
  }
  var dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.querySelector('meta[name="theme-color"]').content = dark ? '#14181b' : '#ffffff'
})()
