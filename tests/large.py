"""A report as large as one likes."""

from __future__ import annotations

import copy
import random


def large(report, rows, seeds):
    """The report with its first row so many times, of so many seeds that are all different."""
    chance, document = random.Random(1), copy.deepcopy(report)
    one = document["results"][0]
    budget = document["problems"][0]["budget"]
    seed = dict(one["seeds"][0], outcome="reached")
    document["problems"] = [{**document["problems"][0], "name": f"p{place}"} for place in range(rows // 4)]
    document["results"] = []
    for place in range(rows):
        found = copy.deepcopy(one)
        found.update(problem=f"p{place // 4}", optimizer=f"adam:lr=0.{place % 4 + 1}", trials=seeds)
        found["outcomes"] = dict.fromkeys(found["outcomes"], 0) | {"reached": seeds}
        found["seeds"] = [
            {
                **seed,
                "seed": number,
                "final_loss": chance.random() * 1e-6,
                "hits": [chance.randrange(budget) for _ in seed["hits"]],
                "fingerprint": f"{chance.getrandbits(128):032x}",
            }
            for number in range(seeds)
        ]
        for target in found["targets"]:
            target["reached"] = seeds
        document["results"].append(found)
    return document
