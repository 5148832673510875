// The page's looks. Colours are named once for light and once for dark; what is wider than the window scrolls
// alone.
#include "report/page.h"

namespace lineament {

std::string_view report_style() {
  return R"css(
:root {
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2129; --quiet: #667080; --line: #e4e2dd; --shade: #f6f5f2; --accent: #2f6db3;
  --truth: #18a957; --answer: #f2641f; --filled: #f2641f; --link: #ffd840; --warm: 232 119 46; --good: #178a49;
  --shadow: 0 1px 2px rgb(30 32 40 / .05), 0 6px 20px rgb(30 32 40 / .05);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121419; --card: #1a1d24; --ink: #e7e9ee; --quiet: #98a1b0; --line: #2b303a; --shade: #20242c; --accent: #6fa8ea;
    --truth: #35d07a; --answer: #ff7a35; --filled: #ff7a35; --warm: 240 130 60; --good: #4ccb83;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
}
header, main, footer { max-width: 1160px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 56px; }
h1 { font-size: clamp(1.8rem, 5vw, 2.7rem); line-height: 1.12; letter-spacing: -.025em; margin: 0 0 .3em; }
h2 { font-size: 1.5rem; letter-spacing: -.015em; margin: 0 0 .5em; }
h3 { font-size: 1.02rem; margin: 1.8em 0 .6em; }
p { margin: 0 0 1em; max-width: 46em; text-wrap: pretty; }
.quiet, figcaption, .note { color: var(--quiet); }
.note, figcaption { font-size: .86rem; line-height: 1.45; }
section { padding: 40px 0 16px; scroll-margin-top: 40px; }
section + section { border-top: 1px solid var(--line); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .86em; }
nav {
  display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 14px 0; margin-top: 28px; font-size: .93rem;
  border-top: 1px solid var(--line); border-bottom: 1px solid var(--line);
}
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
footer { padding: 24px 24px 64px; color: var(--quiet); font-size: .86rem; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 14px; margin-top: 28px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px;
        box-shadow: var(--shadow); min-width: 0; }
.tile b { display: block; font-size: 1.65rem; line-height: 1.2; letter-spacing: -.02em;
          font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tile b small { font-size: .55em; font-weight: 500; color: var(--quiet); letter-spacing: 0; }
.tile b.word { font-size: 1.2rem; line-height: 1.65; }
.tile span { font-size: .84rem; color: var(--quiet); }

.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px; }
figure { margin: 0; min-width: 0; }
.chart { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 14px 12px;
         box-shadow: var(--shadow); }
.chart svg { display: block; width: 100%; height: auto; color: var(--quiet); }
.chart figcaption { padding: 8px 4px 0; }
.chart figcaption b { color: var(--ink); font-weight: 600; }

.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; padding: 0; margin: 0 0 18px; list-style: none; font-size: .9rem; }
.dot { display: inline-block; width: .72em; height: .72em; border-radius: 50%; margin-inline-end: .45em;
       background: currentColor; vertical-align: -.02em; }
.n { color: var(--quiet); font-size: .85em; margin-inline-end: .4em; font-variant-numeric: tabular-nums; }

.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 12px;
          box-shadow: var(--shadow); margin-bottom: 18px; -webkit-overflow-scrolling: touch; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .89rem; font-variant-numeric: tabular-nums; }
th, td { padding: 9px 9px; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 16px; } th:last-child, td:last-child { padding-right: 16px; }
thead th:not(.run) { white-space: normal; }
th { font-weight: 600; color: var(--quiet); font-size: .82rem; vertical-align: bottom; }
thead th { border-bottom: 1px solid var(--line); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
tbody th { color: var(--ink); font-size: inherit; font-weight: 500; vertical-align: middle; }
tbody th { position: sticky; left: 0; background: var(--card); }
td.word { text-align: left; color: var(--quiet); }
th.word { text-align: left; }
tr.other > * { color: var(--quiet); font-style: italic; background: var(--shade); }
td.best { color: var(--good); font-weight: 700; }
td.bar { background: linear-gradient(90deg, rgb(var(--warm) / .2) var(--share), transparent 0) no-repeat; }
.heat th.run { text-align: center; padding: 12px 6px 8px; }
.heat th.run > span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 22em; }
.heat td { text-align: center; padding: 6px; }
.heat td:first-child, .heat tbody th { text-align: left; padding-left: 14px; }

.treatment { display: grid; grid-template-columns: 210px minmax(0, 1fr); gap: 6px 22px; align-items: center;
             padding: 14px 0; }
.treatment + .treatment { border-top: 1px solid var(--line); }
.treatment h3 { margin: 0 0 .2em; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.treatment p { margin: 0; font-size: .88rem; line-height: 1.45; color: var(--quiet); }
.faces { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 10px; }
.face { display: block; min-width: 0; }
.face svg, .mean svg { display: block; width: 100%; height: auto; border-radius: 8px; background: #777; }
.face figcaption { padding: 4px 1px 0; font-size: .78rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.gone image, .gone use { opacity: .28; }
.gone path { stroke: var(--paper); stroke-width: 1.5; opacity: .8; }
.truth { fill: var(--truth); } .answer { fill: var(--answer); } .filled { fill: var(--filled); }
.truth, .answer, .filled { stroke: rgb(10 12 16 / .75); stroke-width: .4; }
.link { stroke: var(--link); stroke-width: .7; }
.lines.truth, .lines.answer, .lines.filled { fill: none; stroke-width: .6; }
.lines.truth { stroke: var(--truth); } .lines.answer { stroke: var(--answer); } .lines.filled { stroke: var(--filled); }
.spread { fill: rgb(var(--warm) / .35); stroke: rgb(var(--warm)); stroke-width: .5; }
.key { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin: 0 .35em 0 0; }
.key.truth { background: var(--truth); } .key.answer, .key.filled { background: var(--answer); }

details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 12px 2px; font-weight: 600; }
summary span { font-weight: 400; color: var(--quiet); margin-left: .6em; font-size: .9rem; }
details > div { padding: 2px 0 20px; }
details h3 { margin: .6em 0 .5em; font-size: .9rem; color: var(--quiet); font-weight: 500; }
.settings { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 18px; margin: 0; font-size: .88rem; }
.settings dt { color: var(--quiet); } .settings dd { margin: 0; overflow-wrap: anywhere; }
.beside { display: grid; grid-template-columns: 250px minmax(0, 1fr); gap: 18px; align-items: start; }
.beside > * { min-width: 0; }
.hidden { position: absolute; width: 0; height: 0; overflow: hidden; }

@media (max-width: 760px) {
  header, main, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 32px; }
  section { padding-top: 28px; }
  .pair, .beside, .treatment { grid-template-columns: minmax(0, 1fr); }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 10px; }
  .tile { padding: 12px 14px; } .tile b { font-size: 1.3rem; }
  .tile.wide { grid-column: 1 / -1; }
  .faces { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
  .chart { padding: 10px 8px; }
  .mean { max-width: 340px; }
  th, td { padding: 8px 10px; }
}
@media print { .chart, .tile, .scroll { box-shadow: none; break-inside: avoid; } }
)css";
}

}  // namespace lineament
