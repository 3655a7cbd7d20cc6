"""Words of the heat picture, its playing, and the window that a person sets."""

SOURCES_EN = {
    "第七次全国人口普查公报（二号）": "Seventh National Population Census, bulletin no. 2",
    "由示意建筑人口汇总": "Sum over schematic buildings",
}
"""Sources of populations that the record names in Chinese."""

TEXT = {
    "source.as_recorded": ("{name}", "Source as recorded: {name}"),
    "legend.heat": (
        "颜色 = {window}上报案件的密度（全区），断点固定，可前后比较",
        "Colour = density of cases reported in {window}, whole district; fixed breaks, so moments compare",
    ),
    "legend.heat.unit": ("件/km²·日", "cases/km² per day"),
    "legend.heat.caution": (
        "上报习惯因地而异：颜色浅不等于问题少",
        "People report unevenly: pale does not mean few problems",
    ),
    "heat.cases": ("{n} 件", "{n} cases"),
    "heat.set_aside": (" · 另有 {n} 件落在通用坐标上，未计入", " · {n} more on fallback points left out"),
    "heat.least": (" · 周围不足 3 件处不着色", " · no colour where fewer than 3 are near"),
    "heat.bandwidth": ("核半径", "Bandwidth"),
    "heat.metres": ("米", "m"),
    "heat.bandwidth.hint": (
        "高斯核的标准差，按米计，不随缩放改变；越大越平缓",
        "Standard deviation of the Gaussian kernel in metres, whatever the zoom; larger is smoother",
    ),
    "measure.per_km_street": ("每公里街巷新增", "New per km of street"),
    "measure.smoothed": ("平滑千人新增率", "New per 1,000, smoothed"),
    "measure.change": ("较常态变化", "Against the usual"),
    "unit.per_km_street": ("件/km", "per km"),
    "unit.smoothed": ("件/千人", "per 1,000"),
    "unit.change": ("倍标准差", "standard deviations"),
    "means.per_km_street": ("颜色 = {window}新增 ÷ 街巷长度", "Colour = new in {window} per km of street"),
    "means.smoothed": (
        "颜色 = {window}每千名常住居民新增，经验贝叶斯平滑：人口少的单元向全区靠拢",
        "Colour = new in {window} per 1,000 residents, empirical-Bayes: small areas are drawn to the whole",
    ),
    "means.change": (
        "颜色 = {window}新增与前 8 周同时段、同为工作日或休息日的均值相比，按偶然波动的倍数分级",
        "Colour = new in {window} against the same hours of 8 weeks before, workdays and days off apart, in "
        "multiples of chance",
    ),
    "legend.small": ("不足 5 件", "Under 5 cases"),
    "change.1": ("少很多", "Far fewer"),
    "change.2": ("偏少", "Fewer"),
    "change.3": ("如常", "As usual"),
    "change.4": ("偏多", "More"),
    "change.5": ("多很多", "Far more"),
    "tab.news": ("动态", "News"),
    "news.since": (
        "您上次看是 {seen}：此后新增 {reported} 件，办结 {closed} 件，新超期 {late} 件。",
        "You looked last at {seen}; since then {reported} new, {closed} closed, {late} ran out of time.",
    ),
    "news.first": (
        "第一次查看：下次打开时，这里会说明期间的变化。",
        "First look: next time this tells what changed meanwhile.",
    ),
    "news.newest": ("最新 5 件", "The 5 newest"),
    "news.untouched": ("最久未动 10 件（按最近一步）", "The 10 untouched longest (by their last step)"),
    "news.ago": ("{t}前", "{t} ago"),
    "play": ("播放热力", "Play heat"),
    "play.stop": ("停止", "Stop"),
    "play.hint": ("按时间播放本时段的热力，每秒十帧", "Plays the heat of this window, ten frames a second"),
    "brush.hint": ("在图上横拖可选一段时间", "Drag across the bars to choose a time"),
    "window.custom": ("所选时段", "the chosen time"),
    "filter.categories": ("小类", "Small class"),
    "filter.groups": ("涉及人群", "People concerned"),
    "filter.chains": ("主责响应链", "Lead chain"),
    "filter.stages": ("环节", "Stage"),
    "filter.clear": ("清除全部筛选", "Clear all filters"),
    "group.elderly": ("老年人", "Elderly"),
    "group.children": ("儿童", "Children"),
    "group.disabled": ("残疾人", "Disabled"),
    "group.tenant": ("租户", "Tenants"),
    "group.merchant": ("商户", "Merchants"),
    "group.commuter": ("通勤者", "Commuters"),
}
