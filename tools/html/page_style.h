// How every page looks. Colours are variables with two sets of values; everything is laid out to
// become narrower, and what cannot (line charts, tables) scrolls inside its own box.
#pragma once

#include <string_view>

namespace tidemark::html {

inline constexpr std::string_view kPageStyle = R"css(
:root{color-scheme:light;--bg:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#5d6b7c;--line:#dfe4ea;
--hover:#eef2f7;--shadow:0 1px 2px rgba(20,30,50,.08);
--c0:#3b74d8;--c1:#e0863a;--c2:#2f9e73;--c3:#c8528f;--c4:#7d66d1;--c5:#2596ad;--c6:#ad8a1f;--c7:#d05555;
--c8:#8894a4;--on:#fff}
:root[data-theme=dark]{color-scheme:dark;--bg:#12161c;--card:#1a2029;--ink:#e4e9f0;--soft:#97a4b5;
--line:#2c3542;--hover:#232b36;--shadow:none;
--c0:#6c9cf0;--c1:#f0a05c;--c2:#55c596;--c3:#e37bb1;--c4:#a08df0;--c5:#4fbcd2;--c6:#d1b04a;--c7:#ee7d7d;
--c8:#7a8696;--on:#10151b}
@media(prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;--bg:#12161c;
--card:#1a2029;--ink:#e4e9f0;--soft:#97a4b5;--line:#2c3542;--hover:#232b36;--shadow:none;
--c0:#6c9cf0;--c1:#f0a05c;--c2:#55c596;--c3:#e37bb1;--c4:#a08df0;--c5:#4fbcd2;--c6:#d1b04a;--c7:#ee7d7d;
--c8:#7a8696;--on:#10151b}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.wrap{max-width:1120px;margin:0 auto;padding:20px 20px 40px;display:grid;gap:14px;
grid-template-columns:repeat(2,minmax(0,1fr))}
header,footer,section,.figures{grid-column:1/-1;min-width:0}
section.half{grid-column:auto}
header{display:flex;gap:12px;align-items:flex-start;justify-content:space-between}
h1{font-size:22px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:15px;margin:0 0 10px}
header p,.note{color:var(--soft);margin:2px 0 0;overflow-wrap:anywhere}
.note{margin:0 0 12px;max-width:80ch}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;
box-shadow:var(--shadow)}
button{font:inherit;color:var(--soft);background:var(--card);border:1px solid var(--line);
border-radius:7px;padding:4px 10px;cursor:pointer;flex:none}
button:hover{background:var(--hover);color:var(--ink)}
.figures{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(130px,1fr))}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:10px;
padding:10px 14px;box-shadow:var(--shadow)}
.figures b{display:block;font-size:21px;font-weight:650;font-variant-numeric:tabular-nums}
.figures span{color:var(--soft)}
.scroll{overflow-x:auto}.tall{max-height:620px;overflow-y:auto}
.legend+.scroll{margin-top:14px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:600;position:sticky;top:0;background:var(--card)}
table.sorts th{cursor:pointer;user-select:none}
table.sorts th:hover{color:var(--ink)}
th[aria-sort]:after{content:" \25be";color:var(--c0)}th[aria-sort=ascending]:after{content:" \25b4"}
.r{text-align:right}
td.wide{white-space:normal;overflow-wrap:anywhere;min-width:14em}
td.mono,.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
tbody tr:hover{background:var(--hover)}
tr:last-child td{border-bottom:0}
.empty{color:var(--soft);margin:0}
.share{display:flex;height:34px;border-radius:7px;overflow:hidden;gap:1px}
.share i{min-width:2px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:10px 0 0;padding:0;list-style:none}
.legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}
.legend span{color:var(--soft)}
.bars{display:grid;grid-template-columns:minmax(0,max-content) minmax(60px,1fr) max-content;
gap:5px 12px;align-items:center}
.bars b{font-weight:400;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;max-width:26ch}
.bars i{display:block;height:16px;border-radius:4px;min-width:2px}
.bars span{color:var(--soft);text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.columns{display:flex;align-items:stretch;gap:3px;height:170px}
.columns div{flex:1 1 0;min-width:0;display:flex;flex-direction:column;justify-content:flex-end;
align-items:stretch;text-align:center}
.columns i{display:block;border-radius:4px 4px 0 0;min-height:1px}
.columns i.none{min-height:0}
.columns s{text-decoration:none;color:var(--soft);font-size:11px;line-height:15px;white-space:nowrap;
overflow:visible;height:15px;display:flex;justify-content:center}
.columns u{text-decoration:none;color:var(--soft);font-size:11px;line-height:18px;height:18px;
border-top:1px solid var(--line);white-space:nowrap;display:flex;justify-content:center}
.dense u:not(.key),.dense s:not(.key){visibility:hidden}
svg.lines{display:block;width:100%;min-width:420px;max-width:900px;height:auto}
section.half svg.lines{min-width:320px}
svg.lines text{fill:var(--soft);font:11px system-ui,"DejaVu Sans",sans-serif}
svg.lines .grid{stroke:var(--line);stroke-width:1}
svg.lines polyline{fill:none;stroke-width:2;stroke-linejoin:round}
svg.lines .limit{stroke-width:1.5;stroke-dasharray:5 4}
.flame{position:relative;overflow:hidden}
.flame a{position:absolute;height:24px;line-height:22px;padding:0 6px;border-radius:4px;overflow:hidden;
white-space:nowrap;text-overflow:ellipsis;font-size:12px;color:var(--on);cursor:pointer;
border:1px solid var(--card);transition:left .2s,width .2s}
.flame a:hover,.flame a:focus{filter:brightness(1.12);outline:0}
.flame a.dim{opacity:.5}
.flame a.thin{padding:0;color:transparent}.flame a[hidden]{display:none}
.path{color:var(--soft);margin:0 0 8px;min-height:1.45em;overflow-wrap:anywhere}
#tip{position:fixed;pointer-events:none;z-index:9;max-width:min(460px,90vw);background:var(--ink);
color:var(--bg);border-radius:7px;padding:6px 10px;font-size:12px;white-space:pre-line;
overflow-wrap:anywhere;display:none}
footer{color:var(--soft);font-size:12px}
.k0{background:var(--c0)}.k1{background:var(--c1)}.k2{background:var(--c2)}.k3{background:var(--c3)}
.k4{background:var(--c4)}.k5{background:var(--c5)}.k6{background:var(--c6)}.k7{background:var(--c7)}
.k8{background:var(--c8)}
.s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}
.s4{stroke:var(--c4)}.s5{stroke:var(--c5)}.s6{stroke:var(--c6)}.s7{stroke:var(--c7)}
.s8{stroke:var(--c8)}
.f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}
.f4{fill:var(--c4)}.f5{fill:var(--c5)}.f6{fill:var(--c6)}.f7{fill:var(--c7)}.f8{fill:var(--c8)}
@media(max-width:900px){section.half{grid-column:1/-1}}
@media(max-width:560px){.wrap{padding:12px;gap:10px}section{padding:12px}.bars b{max-width:15ch}
.columns{gap:2px}.columns div:nth-child(even) u,.columns div:nth-child(even) s{visibility:hidden}}
@media print{button{display:none}section{break-inside:avoid}}
)css";

}  // namespace tidemark::html
