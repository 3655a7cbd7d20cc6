"""What a person reads on the hot-spot page."""

TEXT: dict[str, tuple[str, str]] = {
    "hot.days": ("{n} 天内", "{n} d"),
    "hot.hours": ("{n} 小时内", "{n} h"),
    "page.hotspots": ("热点", "Hot spots"),
    "page.hotspots.asks": ("哪里扎堆、是不是真的、谁来定？", "Where does it pile up, is it real, who decides?"),
    "hot.lead": ("{name}：{n} 处显著热点，{open} 处尚未定责。", "{name}: {n} hot spots, {open} without an owner."),
    "hot.lead.top": (
        "最突出的是{place}「{what}」：{hours}{n} 件，常态 {usual} 件。",
        "Clearest: {what} at {place}, {n} cases in {hours}, {usual} usual.",
    ),
    "hot.lead.none": (
        "{name}：没有超出偶然的扎堆。每 {m} 分钟搜索一次，发现后自动列在这里。",
        "{name}: nothing piles up beyond chance. Searched every {m} minutes; what is found appears here.",
    ),
    "hot.lead.young": (
        "{name}：历史记录不足两周，还没有常态可比，暂不判断热点。",
        "{name}: less than two weeks of record, so there is no usual level to compare with yet.",
    ),
    "hot.lead.never": (
        "{name}：第一次搜索正在进行，一两分钟后刷新即可看到结果。",
        "{name}: the first search is under way; look again in a minute or two.",
    ),
    "hot.run": (
        "最近一次搜索 {at}：7 天内 {cases} 件、{classes} 组（各小类与全部合计）。",
        "Last search {at}: {cases} cases of 7 days in {classes} groups (small classes and all together).",
    ),
    "hot.changes": (
        "自上次研判（{at}）以来：新增 {new} 处，消退 {ended} 处，合并 {merged} 处，已作决定 {decided} 处。",
        "Since the last review ({at}): {new} new, {ended} ended, {merged} merged, {decided} decided.",
    ),
    "hot.changes.week": ("7 天前", "7 days ago"),
    "hot.group.undecided": ("待研判", "To decide"),
    "hot.group.follow": ("到期复查", "Follow-up due"),
    "hot.group.owned": ("已定责", "Decided"),
    "hot.group.over": ("已消退或并入", "Ended or merged"),
    "hot.order": (
        "组内按街道法定顺序排列，不按多少排名。",
        "Within a group in the official order of streets, not ranked by size.",
    ),
    "hot.col.what": ("事项与地点", "What and where"),
    "hot.col.n": ("实际 / 常态", "Seen / usual"),
    "hot.col.ratio": ("倍数（95% 区间）", "Ratio (95 %)"),
    "hot.col.q": ("误报率 q", "FDR q"),
    "hot.col.trend": ("近 8 周", "8 weeks"),
    "hot.col.class": ("走势", "Course"),
    "hot.col.owner": ("责任", "Owner"),
    "hot.col.due": ("期限", "Due"),
    "hot.all": ("各类合计", "All classes"),
    "hot.none.owner": ("未定", "none"),
    "hot.alert": ("▲ 告警", "▲ Alert"),
    "hot.late": ("▲ 逾期", "▲ Late"),
    "hot.empty": (
        "这个范围内没有热点。换一个街道，或回到全区看看。",
        "No hot spot in this area. Choose another street or go back to the district.",
    ),
    "hot.weeks.": ("—", "–"),
    "hot.weeks.new": ("新增", "New"),
    "hot.weeks.consecutive": ("连续", "Consecutive"),
    "hot.weeks.intensifying": ("加剧", "Intensifying"),
    "hot.weeks.persistent": ("持续", "Persistent"),
    "hot.weeks.diminishing": ("减弱", "Diminishing"),
    "hot.weeks.sporadic": ("时有时无", "Sporadic"),
    "hot.weeks.historical": ("曾经", "Historical"),
    "hot.map.now": ("本期", "This period"),
    "hot.map.before": ("上一期", "Period before"),
    "hot.map.base": ("与什么比", "Compared with"),
    "hot.base.usual": ("近 8 周同时段", "Same hours of 8 weeks"),
    "hot.base.residents": ("常住人口", "Residents"),
    "hot.base.count": ("只看件数", "Count only"),
    "hot.base.usual.means": (
        "实际件数与近 8 周同星期、同小时的常态比（节假日单列）",
        "Cases against the same weekdays and hours of the 8 weeks before (holidays apart)",
    ),
    "hot.base.residents.means": ("实际件数与按常住人口分摊的件数比", "Cases against a share by residents"),
    "hot.base.count.means": ("只看件数，多的地方可能只是人多", "Count only: a busy place may just have more people"),
    "hot.class.hot99": ("显著偏多（q ≤ 1%）", "Far too many (q ≤ 1 %)"),
    "hot.class.hot95": ("偏多（q ≤ 5%）", "Too many (q ≤ 5 %)"),
    "hot.class.none": ("看不出差异", "No difference to tell"),
    "hot.class.cold": ("偏少（q ≤ 5%）", "Too few (q ≤ 5 %)"),
    "hot.class.untested": ("n<5 未检验", "n<5 not tested"),
    "hot.outline": ("▢ 粗线：热点范围", "▢ Thick line: a hot spot"),
    "hot.map.title": ("{window} · 每格与邻格一起检验", "{window} · each cell tested with its neighbours"),
    "hot.map.short": (
        "时间窗短于 7 天时件数太少，按 7 天检验。",
        "Windows under 7 days hold too few cases: 7 days are tested.",
    ),
    "hot.map.young": (
        "历史记录不足两周，改按常住人口比较。",
        "Less than two weeks of record: compared with residents instead.",
    ),
    "hot.map.means": (
        "颜色只说明件数是否超出偶然，不表示风险等级。平均每格 {k:.1f} 个邻格，{tested} 格参加检验。",
        "Colour says whether counts exceed chance, not a level of risk. {k:.1f} neighbours a cell, {tested} "
        "cells tested.",
    ),
    "hot.map.hover": (
        "{name}<br>实际 {n} 件 · 常态 {usual} 件<br>{verdict}",
        "{name}<br>{n} cases · {usual} usual<br>{verdict}",
    ),
    "hot.off": (
        "不参加检验：兜底坐标 {fallback} 件，未定位 {unlocated} 件",
        "Not tested: {fallback} on fallback points, {unlocated} without a place",
    ),
    "hot.compare": ("两期对比（同一分级）", "Two periods, same classes"),
    "hot.cells": ("{n} 格", "{n} cells"),
    "hot.silent": (
        "⚠ 静默网格 {n} 格：按人口和活动应有诉求而几乎没有，图上的“少”不一定是“好”。",
        "⚠ {n} silent cells: residents and activity let expect reports and there are hardly any. Few is not "
        "always good.",
    ),
    "hot.silent.none": (
        "没有发现静默网格：近 90 天诉求与人口、活动相称。",
        "No silent cells: reports of 90 days fit residents and activity.",
    ),
    "hot.silent.title": ("静默网格", "Silent cells"),
    "hot.silent.cols": ("网格|群众诉求|应有|误报率 q|重复反映占比", "Cell|Reports|Expected|FDR q|Share of repeats"),
    "hot.pattern.title": ("每月一题 / 未诉先办候选", "Candidates for the monthly topic and for acting first"),
    "hot.pattern.lead": (
        "{month}：社区 × 小类，比本社区和全区同类都多的组合；按区间下限排列。",
        "{month}: community × small class beyond what place and class explain; in the order of the interval's "
        "lower end.",
    ),
    "hot.pattern.none": ("本月没有突出的组合。", "Nothing stands out this month."),
    "hot.pattern.cols": (
        "社区|小类|件数|应有|倍数区间|重复|前几月也突出|季节性",
        "Community|Class|Cases|Expected|Ratio|Repeats|Months before|Season",
    ),
    "hot.method.title": ("方法与定义", "Method and definitions"),
    "hot.d.title": ("热点 {id} 号", "Hot spot {id}"),
    "hot.d.seen": (
        "{n} 件，常态 {usual} 件，{ratio} 倍（95% 区间 {low}–{high}）",
        "{n} cases, {usual} usual, {ratio} times (95 %: {low}–{high})",
    ),
    "hot.d.open": ("打开这 {n} 件", "Open these {n} cases"),
    "hot.d.window": ("{start} 至 {end}（{hours} 小时）", "{start} to {end} ({hours} h)"),
    "hot.d.p": (
        "p {p}，q {q}；若并无扎堆，这样的结果约 {days} 才偶然出现一次",
        "p {p}, q {q}; without a cluster, chance gives one like it once in {days}",
    ),
    "hot.d.days": ("{n} 天", "{n} days"),
    "hot.d.years": ("{n} 年以上", "over {n} years"),
    "hot.d.life": (
        "首次发现 {first}，最近一次 {last}，共 {n} 次搜索看到",
        "First seen {first}, last {last}, in {n} searches",
    ),
    "hot.d.split": ("由 {id} 号分出。", "Split from number {id}."),
    "hot.d.merged": ("已并入 {id} 号。", "Merged into number {id}."),
    "hot.d.cells": ("涉及网格", "Cells"),
    "hot.d.mix": ("同一范围、同一时段各小类", "All classes in the same place and time"),
    "hot.d.trend": ("近 8 周每周件数（本类）", "Cases a week, 8 weeks (this class)"),
    "hot.d.evidence": ("凭什么说是热点", "Why it is one"),
    "hot.d.decide": ("研判决定", "Decision"),
    "hot.d.history": ("决定记录", "Decisions so far"),
    "hot.d.history.none": (
        "还没有决定。填上责任单位和要做的事，下次研判这里会显示办得怎么样。",
        "None yet. Name an owner and what is to be done; the next review shows what became of it.",
    ),
    "hot.d.cases": ("案件（{n} 件）", "Cases ({n})"),
    "hot.d.close": ("收起", "Close"),
    "hot.f.owner": ("责任单位 / 责任人", "Owner"),
    "hot.f.decision": ("决定做什么", "What is decided"),
    "hot.f.due": ("完成期限", "Due"),
    "hot.f.follow": ("复查日期", "Follow-up"),
    "hot.f.outcome": ("结果（复查时填写）", "Outcome (at the follow-up)"),
    "hot.f.save": ("记入", "Write down"),
    "hot.f.note": ("只追加，不覆盖：以前的决定都留着。", "Appended, never overwritten: earlier decisions stay."),
    "hot.f.need": ("请填写责任单位和要做的事。", "An owner and what is decided are needed."),
    "hot.f.days": ("复查日期不能早于完成期限。", "The follow-up lies before the due date."),
    "hot.f.fault": ("没有记下：{detail}", "Not written: {detail}"),
    "hot.outcome": ("结果：{text}", "Outcome: {text}"),
    "hot.method": (
        "搜索：Kulldorff 前瞻时空扫描（2001），对每个小类和各类合计，圆柱 = 一格及其最近的若干格（500 米内、"
        "最多 25 格）× 最近 1 小时至 7 天；"
        "与随机重放比较，p 值取 Gumbel 尾（Abrams 等 2010），各组之间按 Benjamini–Hochberg 控制误报率，q ≤ 5% "
        "且偶然 90 天内不出现一次的才列出。"
        "|常态：之前 8 周同星期同小时，节假日单列；网格的份额取本类历史，历史薄时向各类合计靠拢。"
        "同一事项的多人反映只计一次，兜底坐标不参加。"
        "|底图：Gi*（Getis–Ord）检验每格及共边邻格，9,999 次条件置换，误报率按全部网格控制；不足 5 件的格不检验。"
        "|编号：新结果与已有热点同类、且共有的格不少于较小者的一半，即为同一处；一对多时最相近的留号，"
        "其余记为分出；多对一时最相近的留号，其余并入；24 小时未再出现即消退。"
        "|走势（Esri 新兴热点分析定义，8 周时空 Gi* 与 Mann–Kendall 趋势）：新增 = 仅最后一周为热；连续 = "
        "最近两周以上连续为热、此前没有；"
        "加剧 / 持续 / 减弱 = 九成以上的周为热且上升 / 无趋势 / 下降；时有时无 = 最后一周为热、此前断续；曾经 "
        "= 九成以上为热但最后一周不是。"
        "|静默：群众诉求与常住人口、活动量拟合的应有件数相比少得不合常理（误报率 5%，应有 5 件以上）；"
        "重复反映占比作旁证。",
        "Search: Kulldorff's prospective space-time scan (2001) for every small class and all together; "
        "cylinders are a cell with its"
        " nearest ones (500 m, at most 25) by the last hour to 7 days; compared with random replicas, p from a "
        "Gumbel tail (Abrams et"
        " al. 2010), Benjamini-Hochberg over the groups; listed when q ≤ 5 % and chance gives one like it less "
        "than once in 90 days."
        "|Usual: the same weekdays and hours of the 8 weeks before, holidays apart; a cell's share is its own "
        "history of the class,"
        " drawn towards all classes where that is thin. Several voices of one matter count once; fallback "
        "points take no part."
        "|Map: Getis-Ord Gi* of each cell with those that share an edge, 9,999 conditional permutations, "
        "false-discovery rate over all"
        " cells; cells with fewer than 5 cases are not tested."
        "|Numbers: a find is the hot spot known when class is the same and at least half the cells of the "
        "smaller are common; of several"
        " the closest keeps the number, the others are split from it or merged into it; ended when not seen "
        "for 24 hours."
        "|Course (definitions of Esri's Emerging Hot Spot Analysis; space-time Gi* of 8 weeks and "
        "Mann-Kendall): new = hot in the last"
        " week only; consecutive = hot in the last two weeks or more and never before; intensifying, "
        "persistent, diminishing = hot in"
        " 90 % of the weeks and rising, level, falling; sporadic = hot in the last week, on and off before; "
        "historical = hot in 90 %"
        " but not in the last."
        "|Silent: reports of residents implausibly few against a fit by residents and activity "
        "(false-discovery rate 5 %, 5 or more"
        " expected); the share of repeats as second source.",
    ),
}
