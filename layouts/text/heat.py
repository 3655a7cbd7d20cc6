"""Words of the heat picture, its playing, and the window that a person sets."""

TEXT = {
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
