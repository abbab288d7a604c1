/* How the chat looks. The values are those of bot/web/static/tokens.css. */
export const ACCENT = "#1f5f8b";
export const ROOM = "(max-width: 520px), (max-height: 480px)"; // where the panel takes the whole screen

const LIGHT = `color-scheme:light;--page:#f6f5f1;--surface:#fff;--sunken:#eceae4;--ink:#1d1f21;--muted:#55575a;--line:#8a877d;
--main:var(--accent);--on-main:#fff;--ok:#1b6b3a;--warn:#8a4b00;--late:#a3202a;--focus:#b3450a`;
const DARK = `color-scheme:dark;--page:#15171a;--surface:#1e2125;--sunken:#272b30;--ink:#eceae4;--muted:#b3b6ba;--line:#7d838b;
--main:var(--accent-dark,#7fb8e0);--on-main:#10222f;--ok:#7cc998;--warn:#f0b35e;--late:#ff9a93;--focus:#ffb27a`;
const OWN = "--main:var(--accent-dark,color-mix(in oklab,var(--accent),white 50%))";
const STYLE = `
:host{--accent:${ACCENT};display:block}
:host([mode=page]){block-size:100%;flex:1;min-block-size:0}
:host([hidden]){display:none}
.v{all:initial;${LIGHT}}
:host([theme=dark]) .v{${DARK}}
:host([theme=dark]) .v.own{${OWN}}
@media (prefers-color-scheme:dark){:host(:not([theme=light])) .v{${DARK}}:host(:not([theme=light])) .v.own{${OWN}}}
.v,.v *,.v ::before{box-sizing:border-box}
.v{display:block;block-size:100%;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;line-height:1.5;color:var(--ink)}
[hidden]{display:none!important}
.hide{position:absolute;inline-size:1px;block-size:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
button,textarea{font:inherit;color:inherit}
button{display:inline-flex;align-items:center;justify-content:center;gap:.5em;min-block-size:44px;min-inline-size:44px;padding:4px 14px;
 border:1px solid var(--line);border-radius:6px;background:var(--surface);cursor:pointer;touch-action:manipulation}
button:hover{background:var(--sunken)}
button.bare{border-color:transparent;background:none;padding:4px}
button.bare:hover{background:var(--sunken)}
button.main{background:var(--main);border-color:var(--main);color:var(--on-main)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
a{color:var(--main);text-underline-offset:.15em;overflow-wrap:anywhere}
svg{inline-size:1.4em;block-size:1.4em;flex:none;fill:none;stroke:currentcolor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.more svg{stroke-width:3.5}
p,h1,h2,ol{margin:0}
.bar,.about,.day,.who,.source,.useful,.foot,.typing,.under,.news{font-size:.8235em}
.about,.day,.who,.source,.useful,.foot,.typing,.under{color:var(--muted)}
.launch{position:fixed;inset-block-end:24px;inset-inline-end:24px;z-index:2147483000;min-block-size:56px;padding:8px 20px;border-radius:28px;
 font-size:1.0625em;font-weight:600;box-shadow:0 4px 20px rgb(0 0 0/.16)}
.count{min-inline-size:1.6em;padding:0 .4em;border-radius:1em;background:var(--on-main);color:var(--main);font-variant-numeric:tabular-nums}
.box{display:flex;flex-direction:column;position:relative;block-size:100%;inline-size:100%;font-size:1.0625em;background:var(--page);color:var(--ink);overflow:auto}
dialog.box{position:fixed;inset:auto;inset-block-end:24px;inset-inline-end:24px;z-index:2147483001;margin:0;padding:0;border:1px solid var(--line);
 border-radius:12px;inline-size:25em;max-inline-size:calc(100vw - 48px);block-size:42em;max-block-size:calc(100vh - 48px);max-block-size:calc(100dvh - 48px);
 box-shadow:0 4px 20px rgb(0 0 0/.16)}
dialog.box:not([open]){display:none}
dialog .head,dialog form,dialog .bar,dialog textarea{touch-action:pinch-zoom}
dialog textarea.tall{touch-action:auto;overscroll-behavior:contain}
dialog::backdrop{background:none}
@media ${ROOM}{dialog.box{inset:0;inline-size:100%;max-inline-size:none;block-size:100vh;block-size:100dvh;max-block-size:none;border:0;border-radius:0}}
.head{display:flex;flex-wrap:wrap;align-items:center;gap:0 12px;padding:8px 8px 8px 16px;background:var(--surface);border-block-end:1px solid var(--line);position:relative;z-index:2}
.mark{display:grid;place-items:center;min-inline-size:2.1em;block-size:2.1em;border-radius:6px;background:var(--main);color:var(--on-main);flex:none}
img.mark{background:none;object-fit:contain;inline-size:auto;max-inline-size:8em}
.title{flex:1 1 7em;min-inline-size:0}
h1,h2{font-size:1em;font-weight:600;line-height:1.3;overflow-wrap:anywhere}
.about{flex-basis:100%;padding-block-start:2px}
.tools{display:flex;margin-inline-start:auto}
.tools button{font-size:.9412em;font-weight:600}
.menu{position:absolute;inset-block-start:56px;inset-inline-end:8px;display:flex;flex-direction:column;min-inline-size:15em;padding:4px;background:var(--surface);
 border:1px solid var(--line);border-radius:6px;box-shadow:0 4px 20px rgb(0 0 0/.16);list-style:none;margin:0}
.menu button{inline-size:100%;justify-content:flex-start;padding-inline:12px;font-weight:400}
.menu a{display:flex;align-items:center;min-block-size:44px;padding-inline:12px}
.bar{padding:8px 16px;background:var(--sunken);border-inline-start:4px solid var(--main)}
.bar.warn{border-color:var(--warn)}
.mid{flex:1 1 auto;min-block-size:9em;display:flex;position:relative}
.log{flex:1;overflow:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:4px}
.log:focus-visible{outline-offset:-4px}
.log>:first-child{margin-block-start:auto}
.day{align-self:center;margin-block:12px 4px}
.day::first-letter{text-transform:uppercase}
.m{display:flex;flex-direction:column;align-items:flex-start;max-inline-size:min(90%,36em);align-self:flex-start;margin-block-start:12px}
.m.same{margin-block-start:0}
.m.citizen{align-self:flex-end;align-items:flex-end}
.m.system{align-self:center;align-items:center;text-align:center}
.who{font-weight:600;padding-inline:4px}
.bubble{padding:10px 14px;border:1px solid transparent;border-radius:12px;background:var(--surface);overflow-wrap:anywhere;min-inline-size:0;max-inline-size:100%}
.assistant .bubble,.staff .bubble{border-start-start-radius:4px}
.citizen .bubble{background:var(--main);color:var(--on-main);border-start-end-radius:4px}
.citizen .bubble a{color:inherit}
.staff .bubble{border-inline-start:4px solid var(--ok)}
.staff .who{color:var(--ok)}
.system .bubble{background:none;padding:2px 8px;font-size:.9412em;color:var(--muted)}
.m.failed .bubble{cursor:pointer;background:var(--surface);color:var(--ink);border:1px dashed var(--late)}
.text{white-space:pre-wrap;unicode-bidi:plaintext;text-align:start}
.system .text{text-align:center}
.bubble>*+*{margin-block-start:8px}
.bubble ol{padding-inline-start:1.4em}
.bubble li+li{margin-block-start:4px}
table{border-collapse:collapse;font-size:.9412em}
th,td{padding:4px 16px 4px 0;text-align:start;vertical-align:top;border-block-start:1px solid var(--sunken)}
th{font-weight:400;color:var(--muted);overflow-wrap:break-word}
.go{display:inline-flex;align-items:center;min-block-size:44px;font-weight:600}
.period{font-weight:600}
.source{border-block-start:1px solid var(--sunken);padding-block-start:8px}
.useful{display:flex;flex-wrap:wrap;align-items:center;gap:0 4px;margin-block-start:0!important}
.useful button{color:var(--main);font-weight:600}
.useful [aria-pressed=true]{background:var(--sunken);border-color:var(--line)}
.foot{display:flex;align-items:center;gap:6px;padding-inline:4px;font-variant-numeric:tabular-nums}
.foot button{min-block-size:44px;color:var(--late);font-weight:600}
.choices{display:flex;flex-wrap:wrap;gap:8px;margin-block:8px 4px;font-size:.9412em}
.choices button{border-color:var(--main);color:var(--main);font-weight:500;text-align:start}
.past .choices button{border:1px dashed var(--line);color:var(--muted);background:none}
.typing{display:flex;align-items:center;gap:8px;padding:2px 16px 6px}
.dots{display:inline-flex;gap:3px}
.dots i{inline-size:6px;block-size:6px;border-radius:50%;background:currentcolor}
@media (prefers-reduced-motion:no-preference){.dots i{animation:b .9s infinite alternate}.dots i+i{animation-delay:.3s}.dots i+i+i{animation-delay:.6s}@keyframes b{from{opacity:.25}}}
.ref{white-space:nowrap}
.copy{color:var(--main);font-size:.8235em;font-weight:600}
.news{position:absolute;inset-block-end:8px;inset-inline:0;margin-inline:auto;inline-size:fit-content;border-radius:22px;font-weight:600;box-shadow:0 4px 20px rgb(0 0 0/.16)}
.note{margin:0 12px 8px;padding:8px 12px;background:var(--surface);border:1px solid var(--line);border-inline-start:4px solid var(--late);border-radius:6px;font-size:.9412em}
.note.ask{border-inline-start-color:var(--main)}
.note div{display:flex;flex-wrap:wrap;gap:8px;margin-block-start:8px}
form{background:var(--surface);border-block-start:1px solid var(--line);padding:8px 12px 4px}
.write{display:flex;align-items:flex-end;gap:8px}
textarea{flex:1;min-inline-size:0;margin:0;min-block-size:46px;max-block-size:calc(7.5em + 20px);padding:9px 12px;resize:none;overflow:auto;background:var(--surface);
 border:1px solid var(--line);border-radius:6px;line-height:1.5}
::placeholder{color:var(--muted);opacity:1}
.write .main{min-block-size:46px;min-inline-size:46px;padding:0}
.under{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 12px;min-block-size:8px}
.under button{color:var(--main);font-weight:600}
.over{color:var(--late);font-weight:600}
.page .head,.page .log,.page form{padding-inline:max(16px,50% - 23em)}
.page .bar,.page .typing{padding-inline:max(16px,50% - 27.93em)}
.page .note{margin-inline:max(16px,50% - 24.44em)}
.page .menu{inset-inline-end:max(16px,50% - 23em)}
@media (max-height:340px){.about,.under button{display:none}.head{padding-block:0}.mid{min-block-size:4em}.log{padding-block:4px}textarea{max-block-size:3.2em}form{padding-block:4px 0}.note{flex:none;margin-block-end:4px;padding-block:2px;max-block-size:3.6em;overflow:auto}.bar{flex:none;padding-block:2px;max-block-size:3.4em;overflow:auto}}
.news.arrow{background:var(--surface);color:var(--main);padding:0;margin-inline:auto 12px}
@media (forced-colors:active){.bubble,.mark,.note,.count{border:1px solid}.citizen .bubble{border-width:2px}.dots{display:none}button.main{border:2px solid}}
@media print{
:host(:not([mode=page])){display:none}.v,.box,.mid,.log{display:block!important;block-size:auto!important;overflow:visible!important;position:static!important}
.launch,form,.tools,.typing,.news,.note,.useful,.choices{display:none!important}.bubble{border:1px solid!important;background:none!important;color:#000!important}.m{break-inside:avoid}}
`;
export const sheet = new CSSStyleSheet(); // a browser too old for it keeps the plain form
sheet.replaceSync(STYLE);
