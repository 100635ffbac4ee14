// What a page can do: change its colours, show a box at the pointer, sort a table, look closer at
// a part of a flame graph. It reads attributes and sets text, never HTML.
//
// A change to the text changes its hash: tests/html says what it has become.
#pragma once

#include <string_view>

namespace tidemark::html {

inline constexpr std::string_view kPageScriptSha256 =
    "qOpcJtKjr5joegyOo8C4EHL06CzL0E1OMizE2DcFxow=";

inline constexpr std::string_view kPageScript = R"js(
(function(){
"use strict";
var doc=document,root=doc.documentElement;
doc.getElementById("theme").onclick=function(){
  var dark=getComputedStyle(root).colorScheme==="dark";
  root.dataset.theme=dark?"light":"dark";
};

var tip=doc.getElementById("tip");
doc.addEventListener("pointermove",function(e){
  var at=e.target.closest&&e.target.closest("[data-tip]");
  if(!at){tip.style.display="none";return;}
  tip.textContent=at.dataset.tip;
  tip.style.display="block";
  var x=e.clientX+14,y=e.clientY+16,w=tip.offsetWidth,h=tip.offsetHeight;
  if(x+w>innerWidth-8)x=Math.max(8,innerWidth-8-w);
  if(y+h>innerHeight-8)y=Math.max(8,e.clientY-12-h);
  tip.style.left=x+"px";tip.style.top=y+"px";
});

function sorted(row,column){
  var cell=row.cells[column],key=cell.dataset.sort;
  return key===undefined?cell.textContent:Number(key);
}
function sort(head){
  var table=head.closest("table"),body=table.tBodies[0],column=head.cellIndex;
  var first=head.classList.contains("r")?"descending":"ascending";
  var other=first==="ascending"?"descending":"ascending";
  var order=head.getAttribute("aria-sort")===first?other:first;
  var sign=order==="ascending"?1:-1;
  var rows=Array.from(body.rows).map(function(row){return[sorted(row,column),row];});
  rows.sort(function(a,b){return a[0]<b[0]?-sign:a[0]>b[0]?sign:0;});
  rows.forEach(function(row){body.appendChild(row[1]);});
  Array.from(head.parentNode.cells).forEach(function(h){h.removeAttribute("aria-sort");});
  head.setAttribute("aria-sort",order);
}
doc.querySelectorAll("table.sorts th").forEach(function(head){
  head.tabIndex=0;
  head.onclick=function(){sort(head);};
  head.onkeydown=function(e){if(e.key==="Enter")sort(head);};
});

doc.querySelectorAll(".flame").forEach(function(flame){
  var parts=Array.from(flame.children),path=flame.previousElementSibling,focus=parts[0];
  function left(part){return Number(part.dataset.left);}
  function width(part){return Number(part.dataset.width);}
  function place(){
    var from=left(focus),share=width(focus),level=Number(focus.dataset.level);
    parts.forEach(function(part){
      var begin=Math.max(0,(left(part)-from)/share);
      var end=Math.min(1,(left(part)-from+width(part))/share);
      var pixels=(end-begin)*flame.clientWidth;
      part.hidden=pixels<2;
      if(part.hidden)return;
      part.style.left=100*begin+"%";
      part.style.width=100*(end-begin)+"%";
      part.classList.toggle("dim",Number(part.dataset.level)<level);
      part.classList.toggle("thin",pixels<24);
    });
  }
  function look(part){
    focus=part;
    path.textContent=part.dataset.tip.split("\n").join(", ");
    place();
  }
  parts.forEach(function(part){
    part.tabIndex=0;
    part.onclick=function(){look(part);};
    part.onkeydown=function(e){if(e.key==="Enter")look(part);};
  });
  addEventListener("resize",place);
  place();
});
})();
)js";

}  // namespace tidemark::html
