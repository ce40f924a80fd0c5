/** The storefront's one style sheet. */
export const storefrontStyle = `
:root {
  color-scheme: light dark;
  --paper: #faf7f2; --card: #fff; --ink: #1d1b19; --soft: #6f6a63; --line: #e7e0d6;
  --accent: #b8442a; --accent-ink: #fff; --radius: 18px;
  --serif: ui-serif, 'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, serif;
  --sans: ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #171614; --card: #211f1c; --ink: #f4efe7; --soft: #a59d92; --line: #35312c; --accent: #ef8a68; --accent-ink: #1d120d; }
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--paper); color: var(--ink); font: 16px/1.6 var(--sans); -webkit-font-smoothing: antialiased; }
a { color: inherit; text-decoration: none; }
img { display: block; width: 100%; height: auto; }
.wrap { max-width: 1180px; margin: 0 auto; padding: 0 28px; }
.bar { border-bottom: 1px solid var(--line); }
.bar .wrap { display: flex; align-items: center; justify-content: space-between; height: 72px; gap: 24px; }
.brand { display: flex; align-items: center; gap: 12px; font-weight: 700; letter-spacing: -.01em; font-size: 18px; }
.brand i { width: 30px; height: 30px; border-radius: 9px; background: var(--accent); display: grid; place-items: center; }
.brand i::after { content: ''; width: 12px; height: 12px; border-radius: 50%; border: 3px solid var(--accent-ink); }
.bar small { color: var(--soft); font-size: 14px; }
.hero { padding: 64px 0 40px; }
.hero h1 { font: 500 clamp(34px, 5vw, 54px)/1.08 var(--serif); letter-spacing: -.02em; max-width: 18ch; text-wrap: balance; }
.hero p { color: var(--soft); margin-top: 14px; max-width: 56ch; font-size: 17px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 40px 28px; padding-bottom: 24px; }
.card figure { border-radius: var(--radius); overflow: hidden; background: var(--card); aspect-ratio: 1; }
.card img { transition: transform .5s cubic-bezier(.2, .7, .2, 1); }
.card:hover img { transform: scale(1.035); }
.card a { display: block; border-radius: var(--radius); }
.card h2 { font-size: 16px; line-height: 1.35; font-weight: 600; margin-top: 14px; letter-spacing: -.005em; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
.card p { display: flex; justify-content: space-between; gap: 12px; margin-top: 4px; color: var(--soft); font-size: 14.5px; }
.card strong { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
.pager { display: flex; justify-content: center; padding: 24px 0 8px; gap: 12px; }
.button { display: inline-flex; align-items: center; justify-content: center; gap: 9px; border: 1px solid var(--line); border-radius: 999px; padding: 13px 26px; font: 600 15.5px/1 var(--sans); background: var(--card); color: var(--ink); cursor: pointer; transition: transform .15s, border-color .15s, background .15s; }
.button:hover { border-color: var(--soft); }
.button:active { transform: scale(.98); }
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.button.primary:hover { filter: brightness(1.07); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.detail { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 56px; padding: 28px 0 40px; align-items: start; }
.detail figure { border-radius: 24px; overflow: hidden; background: var(--card); }
.detail h1 { font: 500 clamp(28px, 3.4vw, 42px)/1.12 var(--serif); letter-spacing: -.015em; text-wrap: balance; margin-top: 10px; overflow-wrap: anywhere; }
.detail .text { padding-top: 12px; }
.kind { color: var(--soft); font-size: 14px; letter-spacing: .02em; }
.price { font-size: 25px; font-weight: 600; margin: 18px 0 26px; font-variant-numeric: tabular-nums; }
.price small { font-size: 14px; font-weight: 400; color: var(--soft); margin-left: 8px; }
.actions { display: flex; flex-wrap: wrap; gap: 12px; }
.actions form { display: contents; }
.note { border-radius: 14px; padding: 13px 18px; margin-bottom: 22px; background: color-mix(in srgb, var(--accent) 11%, var(--card)); font-size: 15px; }
.note.flagged, .flag { background: color-mix(in srgb, #b58900 18%, var(--card)); }
.flag { display: inline-block; border-radius: 999px; padding: 1px 10px; font-size: 12.5px; }
.about { white-space: pre-line; margin: 30px 0 22px; padding-top: 26px; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.tags { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; padding: 0; }
.tags li { border: 1px solid var(--line); border-radius: 999px; padding: 4px 13px; font-size: 13.5px; color: var(--soft); }
.counts { display: flex; gap: 26px; margin-top: 28px; color: var(--soft); font-size: 14px; }
.counts b { color: var(--ink); font-variant-numeric: tabular-nums; }
.crumb { display: inline-block; padding: 26px 0 0; color: var(--soft); font-size: 14.5px; }
.crumb:hover { color: var(--ink); }
.empty { text-align: center; padding: 70px 20px 110px; }
.empty svg { width: 132px; height: auto; color: var(--line); }
.empty h1, .empty h2 { font: 500 32px/1.2 var(--serif); letter-spacing: -.01em; margin-top: 26px; }
.empty p { color: var(--soft); margin: 10px auto 26px; max-width: 46ch; }
footer { border-top: 1px solid var(--line); margin-top: 56px; color: var(--soft); font-size: 14px; }
footer .wrap { padding-top: 26px; padding-bottom: 40px; }
@media (max-width: 820px) {
  .wrap { padding: 0 18px; }
  .hero { padding: 40px 0 28px; }
  .grid { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 26px 14px; }
  .detail { grid-template-columns: minmax(0, 1fr); gap: 22px; padding-top: 18px; }
  .detail figure { border-radius: var(--radius); }
  .card p { flex-direction: column; gap: 0; }
  .actions .button { flex: 1; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`.trim();
