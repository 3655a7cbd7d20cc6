"""The compiled choice of sites: greedy, then swaps, over sparse rows of who each site would cover."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def gain_of(first, column, weight, hits, site):
    """Weight of what a site covers and no chosen site does."""
    total = 0.0
    for at in range(first[site], first[site + 1]):
        if hits[column[at]] == 0:
            total += weight[column[at]]
    return total


@njit(cache=True, nogil=True)
def take_greedily(first, column, weight, cost, budget, most, per_cost, chosen, hits):
    """Take the site that gains most (per unit of cost if asked) until nothing is gained; in place.

    Gains only shrink while sites are taken, so an old gain is an upper bound: a site is counted anew only while its old
    gain could still win.
    """
    n = len(first) - 1
    bound = np.empty(n, np.float64)
    spent, count = 0.0, 0
    for site in range(n):
        bound[site] = gain_of(first, column, weight, hits, site)
        if chosen[site]:
            spent += cost[site]
            count += 1
    while count < most:
        best, best_score = -1, 0.0
        for site in range(n):
            if chosen[site] or spent + cost[site] > budget:
                continue
            per = cost[site] if per_cost and cost[site] > 0 else 1.0
            if bound[site] / per <= best_score:
                continue
            bound[site] = gain_of(first, column, weight, hits, site)
            if bound[site] / per > best_score:
                best, best_score = site, bound[site] / per
        if best < 0:
            break
        chosen[best] = True
        spent += cost[best]
        count += 1
        for at in range(first[best], first[best + 1]):
            hits[column[at]] += 1


@njit(cache=True, nogil=True)
def swap_sites(first, column, weight, cost, budget, fixed, rounds, chosen, hits):
    """Make the best swap of one chosen site for another until none gains or `rounds` are over; in place."""
    n = len(first) - 1
    gain = np.empty(n, np.float64)
    for made in range(rounds):
        best_out, best_in, best_gain = -1, -1, 1e-9
        spent = 0.0
        for site in range(n):
            if chosen[site]:
                spent += cost[site]
            else:
                gain[site] = gain_of(first, column, weight, hits, site)
        for out in range(n):
            if not chosen[out] or fixed[out]:
                continue
            loss = 0.0
            for at in range(first[out], first[out + 1]):
                hits[column[at]] -= 1
                if hits[column[at]] == 0:
                    loss += weight[column[at]]
            for site in range(n):
                # Without `out` a site gains at most what it gains now and what is lost, so the swap at most `gain`.
                if chosen[site] or gain[site] <= best_gain or spent - cost[out] + cost[site] > budget:
                    continue
                net = gain_of(first, column, weight, hits, site) - loss
                if net > best_gain:
                    best_out, best_in, best_gain = out, site, net
            for at in range(first[out], first[out + 1]):
                hits[column[at]] += 1
        if best_out < 0:
            return made
        chosen[best_out], chosen[best_in] = False, True
        for at in range(first[best_out], first[best_out + 1]):
            hits[column[at]] -= 1
        for at in range(first[best_in], first[best_in + 1]):
            hits[column[at]] += 1
    return rounds
