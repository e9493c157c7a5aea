/** A phone to click on: links a number to what shows a QR code, writes as customers, and shows what comes back. */
export const phonePage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Virtual phone</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
  form, section { border: 1px solid #8885; border-radius: 12px; padding: 1rem; margin: 1rem 0; }
  h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
  label { display: block; margin: .5rem 0; }
  input, textarea { width: 100%; box-sizing: border-box; font: inherit; padding: .4rem .6rem; }
  button { font: inherit; padding: .4rem 1rem; }
  li { margin: .25rem 0; overflow-wrap: anywhere; }
  small, #said { color: #888; }
</style>
<h1>Virtual phone</h1>
<p>Nothing here leaves this computer. <span id="said" role="status"></span></p>

<form id="link">
  <h2>1. Link the shop's number</h2>
  <label>The shop's number <input name="number" value="5511900000001" inputmode="numeric" required></label>
  <label>Text of the QR code, or a pairing code. A screenshot of the QR code can be pasted anywhere on this page.
    <textarea name="shown" rows="3"></textarea></label>
  <button>Link</button>
</form>

<form id="write">
  <h2>2. Write as a customer</h2>
  <label>Customer's number <input name="from" value="5511988887777" inputmode="numeric" required></label>
  <label>Customer's name <input name="name" value="Ana"></label>
  <label>Message <input name="text" value="Hello, I need help" required></label>
  <button>Send</button>
  <button type="button" id="read">Read what came</button>
</form>

<section><h2>Chat of that customer</h2><ol id="chat"></ol></section>
<section><h2>Linked devices</h2><ul id="sessions"></ul></section>

<script type="module">
  const $ = id => document.getElementById(id)
  const post = async (path, wish) => {
    const response = await fetch(path, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wish),
    })
    const said = await response.json()
    if (!response.ok) throw new Error(said.error)
    return said
  }
  const ask = (deed, wish = {}) => post('/do/' + deed, wish)
  const say = text => { $('said').textContent = text }
  const attempt = async work => { try { say(await work()) } catch (error) { say(error.message) } refresh() }
  const link = shown => attempt(async () => {
    const number = $('link').number.value
    const text = shown.trim()
    const isCode = /^[0-9A-Z]{4}-?[0-9A-Z]{4}$/i.test(text)
    await (isCode ? ask('enterCode', { code: text, number }) : ask('scan', { qr: text, number }))
    return 'linked ' + number
  })
  const wrote = []
  const fill = (list, lines) => list.replaceChildren(...lines.map(line => {
    const item = document.createElement('li'); item.textContent = line; return item
  }))
  const refresh = async () => {
    const number = $('write').from.value
    try {
      const [sessions, answers] = await Promise.all([ask('sessions'), ask('sentTo', { number })])
      fill($('sessions'), sessions.map(s => s.jid + (s.online ? ': online' : ': away') + ', ' + s.waiting + ' waiting'))
      fill($('chat'), [
        ...wrote.filter(w => w.from === number).map(w => 'customer: ' + w.text),
        ...answers.map(a => 'answer: ' + (a.text ?? a.kind) + (a.emoji ? ' ' + a.emoji : '')),
      ])
      return answers
    } catch (error) { say(error.message); return [] }
  }

  $('link').addEventListener('submit', event => { event.preventDefault(); link($('link').shown.value) })
  document.addEventListener('paste', async event => {
    const file = [...event.clipboardData.files].find(one => one.type.startsWith('image/'))
    if (!file) return
    event.preventDefault()
    const bytes = new Uint8Array(await file.arrayBuffer())
    let binary = ''
    for (const byte of bytes) binary += String.fromCharCode(byte)
    try { await link((await post('/read-qr', { picture: { $bytes: btoa(binary) } })).qr) } catch (error) { say(error.message) }
  })
  $('write').addEventListener('submit', event => {
    event.preventDefault()
    attempt(async () => {
      const [from, text] = [$('write').from.value, $('write').text.value]
      await ask('person', { number: from, name: $('write').name.value })
      await ask('write', { from, to: $('link').number.value, content: { kind: 'text', text } })
      wrote.push({ from, text })
      return 'sent'
    })
  })
  $('read').addEventListener('click', () => attempt(async () => {
    const by = $('write').from.value
    const answers = await refresh()
    for (const { id } of answers) await ask('receipt', { by, ids: [id], kind: 'read' })
    return 'read ' + answers.length
  }))
  setInterval(refresh, 1000)
  refresh()
</script>
</html>
`
