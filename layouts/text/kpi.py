"""What a person reads of each measure of `gis.kpi`: name, formula, numerator, denominator, what is left out, source."""

_OWN = ("本系统定义", "defined by this product")
_EGOVA = ("数字城管常用统计口径（大屏系统通行做法）", "counting rules in use in city-management systems")
_TIMELY = (
    "以处置结束时间对处置时限判定，不看归档时间；参照地方考核办法",
    "judged on the end of handling; as in local rules",
)

_MEASURES: dict[str, tuple[tuple[str, str], ...]] = {
    # name, formula, numerator, denominator, exclusions, source
    "filing_rate": (
        ("立案率", "Filing rate"),
        ("立案数 ÷ 受理数", "filed ÷ accepted"),
        ("已立案的受理案件", "accepted cases that were filed"),
        ("已受理案件", "accepted cases"),
        ("未受理的上报", "reports not accepted yet"),
        _OWN,
    ),
    "due_to_close": (
        ("应结案数", "Cases due to close"),
        ("已处置案件 + 处置中且已过时限案件", "handled + still in handling past the deadline"),
        ("已处置，或已派遣、未处置且已过时限", "handled, or dispatched, not handled and past the deadline"),
        ("", ""),
        ("作废；未派遣；处置中未到时限", "void; not dispatched; in handling within the limit"),
        _EGOVA,
    ),
    "closing_rate": (
        ("结案率", "Closing rate"),
        ("结案数 ÷ 应结案数", "closed ÷ due to close"),
        ("已结案案件", "closed cases"),
        ("应结案数（含挂账）", "cases due to close, hung ones included"),
        ("作废。挂账不减分母，另列", "void. Hung cases stay in the denominator and are shown beside it"),
        _EGOVA,
    ),
    "on_time_rate": (
        ("按期结案率", "On-time closing rate"),
        ("按期结案数 ÷（应结案数 − 挂账数）", "closed in time ÷ (due to close − hung)"),
        ("已结案且处置结束不晚于时限", "closed, handling ended by the deadline"),
        ("有时限的应结案数，减当前挂账", "due to close with a deadline, without those hung now"),
        ("作废；无时限案件（第四至八响应链）；当前挂账", "void; no deadline (chains 4 to 8); hung now"),
        _TIMELY,
    ),
    "handling_median": (
        ("处置时长中位数", "Median handling time"),
        ("半数案件处置完毕所用的工作小时", "working hours in which half are handled"),
        ("已处置案件", "handled cases"),
        ("已处置和处置中的案件", "handled cases and those in handling"),
        (
            "作废；挂账时段。处置中案件按生存分析（Kaplan–Meier）计入",
            "void; time hung. Open cases enter by Kaplan–Meier",
        ),
        _OWN,
    ),
    "handling_p90": (
        ("处置时长P90", "P90 handling time"),
        ("九成案件处置完毕所用的工作小时", "working hours in which nine in ten are handled"),
        ("已处置案件", "handled cases"),
        ("已处置和处置中的案件", "handled cases and those in handling"),
        (
            "作废；挂账时段。处置中案件按生存分析（Kaplan–Meier）计入",
            "void; time hung. Open cases enter by Kaplan–Meier",
        ),
        _OWN,
    ),
    "overtime_multiple": (
        ("处置超时倍数", "Overtime multiple"),
        ("（用时 − 时限）÷ 时限，取中位数", "(used − limit) ÷ limit, the median"),
        ("超时处置的已结案件", "closed cases handled late"),
        ("同左", "the same"),
        ("未结案；按期案件；挂账时段", "open cases; those in time; time hung"),
        _EGOVA,
    ),
    "rework_rate": (
        ("返工率", "Rework rate"),
        ("返工案件 ÷ 处置过的案件", "reworked ÷ handled at least once"),
        ("同一单位处置两次以上、其间核查未通过", "handled twice or more by one unit with a failed check between"),
        ("至少处置过一次的案件", "cases handled at least once"),
        ("作废；返工尚未完成的", "void; reworks not finished yet"),
        _EGOVA,
    ),
    "return_rate": (
        ("退回率", "Return rate"),
        ("退回案件 ÷ 派遣案件", "returned ÷ dispatched"),
        ("被处置单位退回过的案件", "cases a unit sent back"),
        ("派遣过的案件", "dispatched cases"),
        ("", ""),
        _EGOVA,
    ),
    "misdispatch_rate": (
        ("错派率", "Misdispatch rate"),
        ("首派单位与最终单位不同 ÷ 派遣案件", "first unit not the last ÷ dispatched"),
        ("首派单位与最后派遣单位不同", "first and last unit differ"),
        ("派遣时写明单位的案件", "dispatched with the unit named"),
        ("未写明单位的派遣", "dispatches without a unit"),
        _EGOVA,
    ),
    "first_solved_rate": (
        ("首办解决率", "Solved by the first unit"),
        ("首派单位未转办即解决 ÷ 结案数", "solved without transfer ÷ closed"),
        ("只派给一个单位且未退回的已结案件", "closed, one unit only, never returned"),
        ("写明处置单位的已结案件", "closed cases with the unit named"),
        ("未写明单位的派遣", "dispatches without a unit"),
        _OWN,
    ),
    "hung": (
        ("挂账数", "On hold"),
        ("当前挂账案件", "cases on hold now"),
        ("已挂账未恢复的在办案件", "open cases hung and not resumed"),
        ("", ""),
        ("", ""),
        _EGOVA,
    ),
    "hang_rate": (
        ("挂账率", "Hang rate"),
        ("挂账过的案件 ÷ 立案数", "ever hung ÷ filed"),
        ("挂账过的案件", "cases ever hung"),
        ("已立案案件", "filed cases"),
        ("", ""),
        _EGOVA,
    ),
    "postpone_rate": (
        ("延期率", "Postponement rate"),
        ("延期过的案件 ÷ 派遣案件", "ever postponed ÷ dispatched"),
        ("延期过的案件", "cases ever postponed"),
        ("派遣过的案件", "dispatched cases"),
        ("", ""),
        _EGOVA,
    ),
    "stock": (
        ("积存案件", "Stock"),
        ("首次挂账满60个自然日仍未结", "open 60 days after it was first hung"),
        ("挂账满60个自然日的在办案件", "open cases first hung 60 natural days ago or more"),
        ("", ""),
        ("", ""),
        _EGOVA,
    ),
    "open": (
        ("在办案件", "Open cases"),
        ("未结案、未作废", "neither closed nor void"),
        ("在办案件", "open cases"),
        ("", ""),
        ("", ""),
        _OWN,
    ),
    "overdue": (
        ("超期在办", "Overdue"),
        ("在办且处置时限已过", "open, past the handling deadline"),
        ("在办，处置结束（或此刻）晚于时限", "open, end of handling (or now) later than the deadline"),
        ("", ""),
        (
            "无时限案件（第四至八响应链）；挂账期间计时停止",
            "no deadline (chains 4 to 8); the clock stands while on hold",
        ),
        _TIMELY,
    ),
    "near_due": (
        ("临期", "Near due"),
        ("剩余时间不足时限的20%", "less than 20 % of the limit left"),
        (
            "在办、未处置、未挂账、未过期、按时限自身时钟剩余不足20%",
            "open, not handled, not on hold, not past, less than 20 % left on the clock of the limit",
        ),
        ("", ""),
        ("无时限案件", "no deadline"),
        _OWN,
    ),
    "repeat_rate": (
        ("反弹率", "Come-back rate"),
        ("反弹案件 ÷ 结案数", "come-backs ÷ closed"),
        ("同一小类50米内、结案后30天内再次上报", "same small class within 50 m, within 30 days of closing"),
        ("已结案案件", "closed cases"),
        ("无坐标案件；作废案件", "cases without a point; void cases"),
        _OWN,
    ),
    "duplicate_rate": (
        ("重复率", "Duplicate rate"),
        ("重复上报 ÷ 上报数", "duplicates ÷ reported"),
        ("同一小类50米内、7天内已有在办案件", "same small class open within 50 m and 7 days"),
        ("全部上报", "all reports"),
        ("无坐标案件", "cases without a point"),
        _OWN,
    ),
    "appeals_per_10k": (
        ("万人诉求比", "Appeals per 10,000"),
        ("12345热线诉求 ÷ 常住人口 × 10,000", "hotline cases ÷ residents × 10,000"),
        ("12345热线案件", "hotline cases"),
        ("常住人口", "residents"),
        ("白天人口多于常住人口的地方偏高", "too high where more people are by day than live there"),
        ("12345工作通行口径", "in general use for the 12345 hotline"),
    ),
    "proactive_share": (
        ("主动发现比", "Found by the district itself"),
        ("巡查、视频、民情日记 ÷ 全部", "patrol, video, diary ÷ all"),
        ("巡查、视频、民情日记来源的案件", "cases from patrol, video and diary"),
        ("全部上报", "all reports"),
        ("", ""),
        _OWN,
    ),
}

PARTS = ("name", "formula", "numerator", "denominator", "exclusions", "source")

TEXT: dict[str, tuple[str, str]] = {
    f"indicator.{key}.{part}": words for key, told in _MEASURES.items() for part, words in zip(PARTS, told, strict=True)
}
"""Labels such as `indicator.on_time_rate.formula`."""
