/** How the HTML report looks: two palettes and the style sheet. */

/** The colours of one scheme, named by what they are for. */
export interface Palette {
  readonly page: string
  readonly surface: string
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly link: string
  /** Indices that came. */
  readonly present: string
  /** Indices that did not. */
  readonly absent: string
  /** Behind them. */
  readonly track: string
  readonly complete: string
  readonly completeTint: string
  readonly incomplete: string
  readonly incompleteTint: string
  readonly notice: string
  readonly noticeTint: string
}

/** On paper and on light screens. */
export const light: Palette = {
  page: "#f6f6f3",
  surface: "#ffffff",
  ink: "#16191d",
  muted: "#565d66",
  line: "#dfe1e0",
  link: "#1f5a92",
  present: "#3f6a94",
  absent: "#c0301f",
  track: "#fbe4df",
  complete: "#17663c",
  completeTint: "#e6f3ea",
  incomplete: "#a62a1b",
  incompleteTint: "#fcebe7",
  notice: "#744c00",
  noticeTint: "#fbf1d9"
}

/** On dark screens. */
export const dark: Palette = {
  page: "#111316",
  surface: "#191c20",
  ink: "#e9ebee",
  muted: "#a2aab4",
  line: "#2e333a",
  link: "#8fc1f0",
  present: "#7aa5d2",
  absent: "#ff7a68",
  track: "#41201c",
  complete: "#83d6a4",
  completeTint: "#14291d",
  incomplete: "#ff9b8c",
  incompleteTint: "#35191a",
  notice: "#eec46a",
  noticeTint: "#2e2513"
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${kebab(name)}:${colour}`)
    .join(";")

/** The style sheet. It loads nothing. */
export const css = `
:root{color-scheme:light dark;${variables(light)};
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
--mono:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:1.5rem}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 var(--sans);font-variant-numeric:tabular-nums lining-nums}
.page{max-width:68rem;margin:0 auto;padding:clamp(1.25rem,4vw,3.5rem) clamp(1rem,4vw,2.5rem) 3rem}
h1,h2,h3,p,dl,dd,figure,table,ul{margin:0;padding:0}
h1{font-size:clamp(1.5rem,3.4vw,2.1rem);line-height:1.2;letter-spacing:-.018em;font-weight:680;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;font-weight:660;overflow-wrap:anywhere}
h3{font-size:1rem;line-height:1.4;font-weight:640;margin:2rem 0 .6rem}
p{max-width:46rem}
p+p{margin-top:.6rem}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}
:focus-visible{outline:3px solid var(--link);outline-offset:3px;border-radius:3px}
code,.name{font-family:var(--mono);font-size:.93em;overflow-wrap:anywhere}
.eyebrow{font-size:.78rem;font-weight:600;letter-spacing:.09em;text-transform:uppercase;color:var(--muted);margin-bottom:.6rem}
.muted,.facts{color:var(--muted)}
.facts{font-size:.9rem;margin-top:.7rem;max-width:none}
.facts span+span::before{content:"·";margin:0 .55em}
.banner{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1.1rem;align-items:start;margin:1.9rem 0 0;padding:1.35rem 1.6rem 1.45rem;
border:1px solid;border-left-width:6px;border-radius:10px}
.banner svg{width:2rem;height:2rem;margin-top:.12rem}
.banner .verdict{font-size:clamp(1.15rem,2.2vw,1.45rem);line-height:1.35;font-weight:640;letter-spacing:-.012em;max-width:none;text-wrap:balance}
.banner .verdict+p{grid-column:2;color:var(--ink);margin-top:.3rem}
.complete{color:var(--complete);background:var(--complete-tint);border-color:var(--complete)}
.incomplete{color:var(--incomplete);background:var(--incomplete-tint);border-color:var(--incomplete)}
.unproven,.notice{color:var(--notice);background:var(--notice-tint);border-color:var(--notice)}
.notice{margin-top:.9rem;padding:.8rem 1.1rem;border:1px solid;border-left-width:6px;border-radius:8px;max-width:none}
.notice li{list-style:none}
.notice li+li{margin-top:.35rem}
.notice a{color:inherit}
section{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:clamp(1.2rem,3vw,2.1rem);margin-top:1.6rem}
.heading{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;margin-bottom:.7rem}
.heading h2{flex:1 1 16rem;min-width:0}
.pill{display:inline-flex;align-items:center;gap:.4em;padding:.14rem .7rem .14rem .5rem;border:1px solid;border-radius:99px;
font-size:.82rem;font-weight:620;white-space:nowrap}
.pill svg{width:1em;height:1em}
.figures{display:flex;flex-wrap:wrap;gap:1px;margin-top:1.4rem;background:var(--line);
border:1px solid var(--line);border-radius:9px;overflow:hidden}
.figures div{flex:1 1 7.5rem;background:var(--surface);padding:.8rem 1rem .85rem}
.figures dt{font-size:.8rem;color:var(--muted)}
.figures dd{font-size:1.2rem;line-height:1.35;font-weight:620;letter-spacing:-.01em;margin-top:.1rem}
.figures small{display:block;font-size:.8rem;line-height:1.4;font-weight:400;letter-spacing:0;color:var(--muted)}
.figures .wide{flex-basis:12rem}
.figures .bad dd{color:var(--incomplete)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;color:var(--muted);font-size:.88rem;padding-bottom:.5rem;max-width:calc(100vw - 6rem)}
th,td{text-align:left;vertical-align:baseline;padding:.48rem .9rem .48rem 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.8rem;font-weight:600;color:var(--muted);white-space:nowrap;border-bottom-color:var(--muted)}
tbody th{font-weight:500}
.count{text-align:right;white-space:nowrap}
time,.when{font-family:var(--mono);font-size:.86em;white-space:nowrap}
.when.other{white-space:normal;overflow-wrap:anywhere}
.groups tbody th{width:36%;min-width:13rem}
.groups td{vertical-align:top}
.groups .beginning th{font-size:.86rem;font-weight:400;color:var(--muted);padding:1rem 0 .3rem}
tfoot th,tfoot td{font-weight:640;border-bottom:0}
.thumbnail{display:block;width:100%;height:14px;margin:.4rem 0 .25rem;border-radius:3px}
figure{margin-top:.2rem}
figcaption{font-size:.88rem;color:var(--muted);margin-bottom:.55rem;max-width:none}
.map{display:block;width:100%;overflow:visible;font:11.5px var(--sans);font-variant-numeric:tabular-nums}
.map text{fill:var(--muted)}
.map .number{fill:var(--absent);font-weight:700}
.map .tick{stroke:var(--muted);stroke-width:1}
.map .rule{stroke:var(--surface);stroke-width:1}
.frame{fill:none;stroke:var(--muted);stroke-width:1}
.track{fill:var(--track)}
.present{fill:var(--present)}
.quiet{fill:var(--surface)}
.absent{fill:var(--absent)}
.hatch{stroke:var(--absent);stroke-width:2}
.spot{stroke:var(--absent);stroke-width:6}
.defs{position:absolute;width:0;height:0}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.3rem;font-size:.85rem;color:var(--muted);list-style:none;margin-top:.5rem}
.legend li{display:flex;align-items:center;gap:.45em}
.legend svg{width:16px;height:14px;flex:none}
details{border-top:1px solid var(--line)}
details:last-of-type{border-bottom:1px solid var(--line)}
details>figure,details>.scroll,details>ul{margin:.2rem 0 1.2rem}
details details{margin-left:clamp(.4rem,2vw,1.4rem)}
details details:last-of-type{border-bottom:0;margin-bottom:.6rem}
summary{padding:.6rem 0;cursor:pointer;font-size:.94rem;overflow-wrap:anywhere}
summary::marker{color:var(--muted)}
summary:hover{color:var(--link)}
summary b{font-weight:640}
.badge{display:inline-block;min-width:1.5em;padding:0 .35em;margin:0 .45em 0 .2em;border-radius:99px;background:var(--incomplete);
color:var(--surface);font-size:.8em;font-weight:700;line-height:1.5;text-align:center}
.plain{list-style:none}
.plain li{padding:.3rem 0;max-width:50rem}
.story{margin-top:1.9rem;padding-top:1.2rem;border-top:1px solid var(--line)}
.story h3{margin:0;font-size:.95rem;flex:1 1 16rem}
.lacking{font-size:.92rem;color:var(--incomplete)}
.lacking b{font-weight:680}
.lanes{margin:.4rem 0 .9rem}
.lane{display:grid;grid-template-columns:11.5rem 1fr;align-items:start;column-gap:1.1rem;padding-right:.6rem}
.lane+.lane{border-top:1px solid var(--line)}
.lane .who{font-size:.86rem;line-height:1.3;padding:.32rem 0;overflow-wrap:anywhere}
.lane .who .name{display:block;color:var(--muted)}
.lane text{paint-order:stroke;stroke:var(--surface);stroke-width:4px;stroke-linejoin:round}
.lane .tick{stroke-width:1}
.lane .span{stroke:var(--present);stroke-width:3;stroke-opacity:.35}
.lane .when-missing{stroke:var(--absent);stroke-width:1;stroke-dasharray:2 3;stroke-opacity:.7}
.lack{fill:var(--surface);stroke:var(--absent);stroke-width:1.6}
.cross{fill:none;stroke:var(--absent);stroke-width:2.4;stroke-linecap:round}
.open{fill:var(--surface);stroke:var(--muted);stroke-width:1.4}
.sign{width:1.05em;height:1.05em;vertical-align:-.16em;margin-right:.4em}
.legend .sign{margin:0}
.story .state,.story td .name{white-space:nowrap}
.story details:last-of-type{border-bottom:0}
.lacks td,.lacks th{color:var(--incomplete);font-weight:600}
footer{margin-top:2rem;color:var(--muted);font-size:.86rem}
@media screen and (max-width:67.9rem){.map .wide{display:none}}
@media screen and (max-width:43.9rem){.map .mid{display:none}.banner{padding:1.1rem 1.1rem 1.2rem;gap:.2rem .8rem}.banner svg{width:1.6rem;height:1.6rem}
.lane{grid-template-columns:1fr;padding:0 .5rem}.lane .who{padding-bottom:0}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{
:root{${variables(light)};--page:#ffffff;color-scheme:light}
@page{margin:16mm 14mm}
html{font-size:9.5pt}
body{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.page{max-width:none;padding:2px}
section{border:0;border-top:1.5pt solid var(--ink);border-radius:0;padding:1.1rem 0 .3rem;margin-top:1.6rem}
h1,h2,h3,figcaption,caption,summary,.heading{break-after:avoid}
tr,figure,.banner,.figures,.notice,.place>figure,.lanes,.lane{break-inside:avoid}
.story>.heading{break-after:avoid}
thead{display:table-header-group}
tfoot{display:table-row-group}
.scroll{overflow:visible}
.map .wide,.notice a{display:none}
.rest::details-content{content-visibility:visible;block-size:auto;display:block}
.place:not([open]),.rest>summary{display:none}
summary{list-style:none}
summary::-webkit-details-marker{display:none}
a{color:inherit;text-decoration:none}
time,.when{white-space:normal}
}
`
