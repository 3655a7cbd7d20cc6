"""What a person reads on the queue page."""

TEXT: dict[str, tuple[str, str]] = {
    "page.queue": ("值守", "Queue"),
    "page.queue.asks": ("现在先办哪一件？", "What do I do next?"),
    "queue.title": ("{name} · 值守", "{name} · queue"),
    "queue.counts": ("{near} 件临期，{late} 件超期未处置。", "{near} near due, {late} overdue and not handled. "),
    "queue.next": ("下一件到期：{what}，剩 {left}。", "Next to run out: {what}, {left} left."),
    "queue.near_due": ("临期先办 ", "Near due "),
    "queue.overdue": ("超期未处置 ", "Overdue "),
    "queue.today": ("今日到期 ", "Due today "),
    "queue.later": ("以后到期 ", "Later "),
    "queue.no_deadline": ("无时限 ", "No deadline "),
    "queue.none": ("这一栏没有案件。新的案件到达时会自动出现。", "Nothing waits here. New cases appear by themselves."),
    "queue.shown": ("列出前 {n} 件，共 {total} 件", "First {n} of {total}"),
    "queue.col.clock": ("时限", "Time"),
    "queue.col.what": ("事项", "What"),
    "queue.col.area": ("社区", "Area"),
    "queue.col.stage": ("环节", "Stage"),
    "queue.col.channel": ("来源", "Channel"),
    "queue.col.age": ("已上报", "Age"),
}
