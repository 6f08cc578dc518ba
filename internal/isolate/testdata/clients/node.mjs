// With fetch, and with the module https.
import https from 'node:https'

const token = await fetch('https://id.kiotviet.vn/connect/token', { method: 'POST', body: 'grant_type=client_credentials' })
const { access_token } = await token.json()
https.get('https://public.kiotapi.com/products', { headers: { Authorization: `Bearer ${access_token}` } }, (answer) => answer.pipe(process.stdout))
