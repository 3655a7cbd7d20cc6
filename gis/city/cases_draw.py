"""The drawing of reports: what, when, where, through whom; one row of uniform numbers per report.

Each day draws its count and its numbers from its own generator; everything after that is done for all days at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from gis.city.cases_clusters import Cluster
from gis.city.cases_places import PROFILES, CaseGround
from gis.city.cases_rhythm import hour_table, plan_days
from gis.city.cases_words import CHANNELS, GROUPS
from gis.worktime import DAY_S, DutyCalendar

DRAWS = 16
(_CATEGORY, _CHANNEL, _TIME, _KIND, _PLACE, _PROBLEM, _JX, _JY,
 _FATE, _KNOWN, _GROUP, _URGENCY, _PHRASE, _REPEAT, _COPY, _GAP) = range(DRAWS)  # fmt: skip

PROBLEM_PLACES = 5
"""Fixed problem places of each category; one more for each per mille of its volume."""
PROBLEM_SHARE = 0.2
JITTER_M = 9.0
UNLOCATED = {"hotline": 0.05, "web": 0.05, "app": 0.012, "diary": 0.02}
UNLOCATED_ELSE = 0.008
OUTSIDE_SHARE = 0.010
CROSS_SHARE = 0.011
STREET_KNOWN = 0.62
COPY_SHARE = 0.012


def draw_reports(
    days: np.ndarray, ground: CaseGround, mix: pd.DataFrame, clusters: list[Cluster], calendar: DutyCalendar,
    *, per_day: float, seed: int,
) -> pd.DataFrame:  # fmt: skip
    """Return every report of whole days: one row each, unordered, with its local time and where it happened.

    Parameters
    ----------
    days
        datetime64[D], rising.
    ground, mix, calendar, per_day, seed
        As for `generate_cases`.
    clusters
        Those that touch the days.
    """
    plan = plan_days(days, mix, calendar, per_day=per_day, seed=seed)
    counts = [int(rng.poisson(total)) for rng, total in zip(plan.draws, plan.expected.sum(axis=1), strict=True)]
    u = np.concatenate([rng.random((n, DRAWS)) for rng, n in zip(plan.draws, counts, strict=True)])
    day = np.repeat(np.arange(len(days)), counts)
    place_in_day = np.concatenate([np.arange(n) for n in counts]) if len(counts) else np.empty(0, int)
    category = choose(plan.expected, day, u[:, _CATEGORY])
    stamp = days.astype(str)
    ids = np.char.add(
        np.char.add(np.char.replace(stamp, "-", "")[day], "-"), np.char.zfill(place_in_day.astype(str), 5)
    )
    base = pd.DataFrame({"day": day, "category_row": category, "external_id": ids.astype(object), "cluster": ""})
    extra, extra_u = _cluster_rows(days, mix, clusters, seed)
    rows = pd.concat([base, extra], ignore_index=True)
    return _attributes(rows, np.concatenate([u, extra_u]), days, ground, mix, clusters, seed, len(base))


def _cluster_rows(
    days: np.ndarray, mix: pd.DataFrame, clusters: list[Cluster], seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    frames: list[pd.DataFrame] = []
    draws: list[np.ndarray] = []
    position = {code: row for row, code in enumerate(mix["code"])}
    for cluster in clusters:
        for index in np.flatnonzero(
            (days >= np.datetime64(cluster.first_day)) & (days <= np.datetime64(cluster.last_day))
        ):
            rng = np.random.default_rng([seed, 203, int(days[index].astype(int)), int(cluster.cluster_id[1:])])
            count = int(rng.poisson(cluster.extra_per_day))
            draws.append(rng.random((count, DRAWS)))
            stem = f"{str(days[index]).replace('-', '')}-{cluster.cluster_id}-"
            ids = [f"{stem}{n}" for n in range(count)]
            row = {"day": index, "category_row": position[cluster.category], "cluster": cluster.cluster_id}
            frames.append(pd.DataFrame({"external_id": pd.Series(ids, dtype=object), **row}))
    columns = ["day", "category_row", "external_id", "cluster"]
    if not frames:
        return pd.DataFrame(columns=columns), np.empty((0, DRAWS))
    return pd.concat(frames, ignore_index=True)[columns], np.concatenate(draws)


def _attributes(
    rows: pd.DataFrame, u: np.ndarray, days: np.ndarray, ground: CaseGround, mix: pd.DataFrame, clusters: list[Cluster],
    seed: int, base_count: int,
) -> pd.DataFrame:  # fmt: skip
    category = rows["category_row"].to_numpy(int)
    # a few reports repeat the one drawn before them on the same day: same thing, other channel, some minutes later
    copy = np.zeros(len(rows), dtype=bool)
    copy[1:base_count] = (u[1:base_count, _COPY] < COPY_SHARE) & (
        rows["day"].to_numpy()[1:base_count] == rows["day"].to_numpy()[: base_count - 1]
    )
    copy[1:] &= ~copy[:-1]
    model = np.where(copy, np.arange(len(rows)) - 1, np.arange(len(rows)))
    category = category[model]
    words = sorted({word for profile in CHANNELS.values() for word in profile})
    by_profile = {p: [shares.get(w, 0.0) for w in words] for p, shares in CHANNELS.items()}
    channel = np.array(words)[choose(np.array([by_profile[p] for p in mix["channels"]]), category, u[:, _CHANNEL])]
    hour_rows, hours = hour_table()
    row_of = np.array([[hour_rows[(profile, w)] for w in words] for profile in mix["hours"]])
    hour, rest = choose_with_rest(hours, row_of[category, np.searchsorted(words, channel)][model], u[:, _TIME][model])
    second = ((hour + rest) * 3600).astype(np.int64)
    second = np.where(copy, np.minimum(second + 300 + (u[:, _GAP] * 5400).astype(np.int64), DAY_S - 1), second)
    local = days.astype("datetime64[s]")[rows["day"].to_numpy(int)] + second.astype("timedelta64[s]")

    place, repeat = _places(category, u[model], ground, mix, seed)
    for cluster in clusters:
        own = np.flatnonzero(rows["cluster"].to_numpy() == cluster.cluster_id)
        if len(own):
            place[own] = np.array(cluster.members)[(u[own, _PLACE] * len(cluster.members)).astype(int)]
    lost = pd.Series(channel).map(UNLOCATED).fillna(UNLOCATED_ELSE).to_numpy()
    fate = np.where(rows["cluster"].to_numpy() != "", 1.0, u[model, _FATE])
    kind = ground.places["kind"].to_numpy(str)
    status = np.select([fate < lost, fate < lost + OUTSIDE_SHARE, fate < lost + OUTSIDE_SHARE + CROSS_SHARE],
                       ["unlocated", "outside", "cross_street"], default="located").astype(object)  # fmt: skip
    for word, pool in (
        ("outside", np.flatnonzero(kind == "outside")),
        ("cross_street", np.flatnonzero(kind == "border")),
    ):
        own = np.flatnonzero(status == word)
        if len(pool):
            place[own] = pool[(u[model, _PLACE][own] * len(pool)).astype(int)]
        else:
            status[own] = "located"
    mx, my = ground.metres_per_degree
    spread = np.where(copy, JITTER_M * 1.4, JITTER_M)
    dx, dy = np.clip(ndtri(u[:, [_JX, _JY]]), -3, 3).T * spread
    found = ground.places.iloc[place].reset_index(drop=True)
    frame = rows.assign(
        category_row=category, channel=channel, local=local, status=status, is_duplicate=copy, model=model
    )
    frame["lon"] = np.round(found["lon"].to_numpy() + dx / mx, 6)
    frame["lat"] = np.round(found["lat"].to_numpy() + dy / my, 6)
    for column in ("place", "street_code", "community"):
        frame[column] = found[column].to_numpy(object)
    frame["knows_street"] = u[model, _KNOWN] < STREET_KNOWN
    frame["is_repeat"] = repeat & (u[:, _REPEAT] < 0.85)
    of_mix = mix.iloc[category].reset_index(drop=True)
    for column in ("code", "family", "major_zh", "limit_quantity", "limit_unit", "lead_chain", "places"):
        frame[column] = of_mix[column].to_numpy()
    frame["phrase"] = _phrases(mix, category, u[:, _PHRASE])
    frame["population_group"] = _groups(frame, u[:, _GROUP])
    urgent = frame["limit_unit"].to_numpy(str) == "urgent_hour"
    high = np.where(urgent, 0.55, np.where(frame["limit_unit"].to_numpy(str) == "work_hour", 0.14, 0.05))
    frame["urgency"] = np.where(urgent & (u[:, _URGENCY] < 0.35), 1, np.where(u[:, _URGENCY] < high, 2, 3))
    frame["original_id"] = pd.Series(rows["external_id"].to_numpy(object)[model], dtype=object).where(copy)
    return frame


def _places(
    category: np.ndarray, u: np.ndarray, ground: CaseGround, mix: pd.DataFrame, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a place for each case, and whether it is one of its category's fixed problem places."""
    places = ground.places
    kinds = [kind for kind in places["kind"].unique() if kind not in ("border", "outside")]
    weight = places["weight"].to_numpy(float)
    shares = np.array([[PROFILES[p].get(kind, 0.0) for kind in kinds] for p in mix["places"]])
    shares = np.where(shares.sum(axis=1, keepdims=True) > 0, shares, 1.0)  # a city without that kind of ground
    kind_row = choose(shares, category, u[:, _KIND])
    place = np.zeros(len(category), dtype=np.int64)
    pools = [np.flatnonzero(places["kind"].to_numpy() == kind) for kind in kinds]
    edges = [np.cumsum(weight[pool]) / weight[pool].sum() for pool in pools]
    for number, (pool, edge) in enumerate(zip(pools, edges, strict=True)):
        own = np.flatnonzero(kind_row == number)
        place[own] = pool[np.minimum(np.searchsorted(edge, u[own, _PLACE], side="right"), len(pool) - 1)]
    problem = u[:, _PROBLEM] < PROBLEM_SHARE
    for row in np.unique(category[problem]):
        own = np.flatnonzero(problem & (category == row))
        rng = np.random.default_rng([seed, 303, int(row)])
        many = PROBLEM_PLACES + int(mix["per_mille"].iloc[row])
        chosen_kind = choose(shares, np.full(many, row), rng.random(many))
        spots = np.array([
            pools[k][min(int(np.searchsorted(edges[k], x, side="right")), len(pools[k]) - 1)]
            for k, x in zip(chosen_kind, rng.random(many), strict=True)
        ])  # fmt: skip
        pull = np.cumsum(rng.pareto(1.3, many) + 0.2)
        place[own] = spots[np.minimum(np.searchsorted(pull / pull[-1], u[own, _PLACE], side="right"), many - 1)]
    return place, problem


def choose(weights: np.ndarray, row: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Pick a column of each given row with chance in proportion to its weight, by the uniform number `u`."""
    return choose_with_rest(weights, row, u)[0]


def choose_with_rest(weights: np.ndarray, row: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pick as `choose` does, and return too where inside the column's share `u` fell (0 to 1)."""
    share = weights / weights.sum(axis=1, keepdims=True)
    edges = np.cumsum(share, axis=1)
    edges[:, -1] = 1.0
    columns = weights.shape[1]
    flat = (edges + np.arange(len(edges))[:, None]).ravel()
    picked = np.clip(np.searchsorted(flat, row + u, side="right") - row * columns, 0, columns - 1)
    left = edges[row, picked] - share[row, picked]
    rest = np.clip((u - left) / np.maximum(share[row, picked], 1e-12), 0, 1 - 1e-9)
    return picked, rest


def _phrases(mix: pd.DataFrame, category: np.ndarray, u: np.ndarray) -> np.ndarray:
    split = [text.split("|") for text in mix["phrases"]]
    most = max(len(words) for words in split)
    table = np.array([words + [""] * (most - len(words)) for words in split], dtype=object)
    many = np.array([len(words) for words in split])
    return table[category, (u * many[category]).astype(int)]


def _groups(frame: pd.DataFrame, u: np.ndarray) -> np.ndarray:
    words = sorted({word for shares in GROUPS.values() for word in shares})
    profiles = sorted(GROUPS)
    table = np.array([[GROUPS[p].get(w, 0.0) for w in words] for p in profiles] + [[float(w == "") for w in words]])
    row = frame["places"].map({p: n for n, p in enumerate(profiles)}).fillna(len(profiles)).to_numpy(int)
    row = np.where(frame["family"].to_numpy() == "social", row, len(profiles))
    return np.array(words, dtype=object)[choose(table, row, u)]
