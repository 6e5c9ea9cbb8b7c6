/**
 * All that runs on a published page: countdowns count, and a form tells how long it took to fill in. Without it the
 * page says until when, and forms are sent all the same.
 */
export const PAGE_SCRIPT = `(()=>{const d=document,b=performance.now();
d.querySelectorAll("form[data-send]").forEach(f=>f.addEventListener("submit",()=>{f.elements.took.value=String(Math.round(performance.now()-b))}));
const t=[...d.querySelectorAll("time[data-countdown]")].map(e=>[e,Date.parse(e.dateTime),e.textContent]);
if(!t.length)return;
const two=n=>String(n).padStart(2,"0");
const tick=()=>t.forEach(([e,until,words])=>{const s=Math.floor((until-Date.now())/1000);
e.textContent=s<=0?words:(s>=86400?Math.floor(s/86400)+" d ":"")+two(Math.floor(s%86400/3600))+":"+two(Math.floor(s%3600/60))+":"+two(s%60)+" ("+words+")"});
tick();setInterval(tick,1000)})()`
